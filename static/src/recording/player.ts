/** Plays a recording: where it is, how fast, whether it goes. Knows nothing of the page around it. */

import type { Cast } from "./cast";
import { marksOf, Timeline, type Command, type Mark } from "./timeline";

export const SPEEDS = [0.5, 1, 1.5, 2, 4, 8] as const;
export type Speed = (typeof SPEEDS)[number];

const SAME_PLACE_S = 0.75; // "previous" this soon after a command leads to the one before it

export interface Screen {
  show(index: number): Promise<void>;
}

export class Player {
  readonly marks: Mark[];
  readonly commands: Command[];
  playing = false;
  speed: Speed = 1;
  skip = true;
  /** Seconds of playing since the beginning. */
  played = 0;
  #timeline: Timeline;
  #frame = 0;
  #last = 0;

  constructor(
    readonly cast: Cast,
    readonly screen: Screen,
    readonly changed: () => void,
  ) {
    this.marks = marksOf(cast);
    this.commands = this.marks.filter((mark): mark is Command => mark.kind === "command");
    this.#timeline = new Timeline(cast, this.skip);
  }

  /** Seconds that all of it takes. */
  get length(): number {
    return this.#timeline.length;
  }

  /** The recording's own second. */
  get at(): number {
    return this.#timeline.recordedAt(this.played);
  }

  get ended(): boolean {
    return this.played >= this.length;
  }

  playedAt(at: number): number {
    return this.#timeline.playedAt(at);
  }

  /** The latest mark that has happened. */
  get current(): Mark | undefined {
    const { at } = this;
    return this.marks.findLast((mark) => mark.at <= at + 1e-3);
  }

  toggle(): void {
    if (this.playing) return this.pause();
    if (this.ended) this.played = 0;
    this.playing = true;
    this.#last = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#tick(now));
    this.#show();
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.changed();
  }

  /** To a second of playing. */
  seek(played: number): Promise<void> {
    this.played = Math.max(0, Math.min(this.length, played));
    return this.#show();
  }

  /** To a second of the recording, at which all that happened then is shown. */
  seekTo(at: number): Promise<void> {
    return this.seek(this.#timeline.playedAt(at) + 1e-3);
  }

  /** To the next command, or (-1) the one before. */
  step(direction: 1 | -1): Promise<void> {
    const { at } = this;
    const next = direction === 1 ? this.commands.find((each) => each.at > at + 1e-3) : this.commands.findLast((each) => each.at < at - (this.playing ? SAME_PLACE_S : 1e-2));
    if (next) return this.seekTo(next.at);
    return this.seek(direction === 1 ? this.length : 0);
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.changed();
  }

  faster(direction: 1 | -1): void {
    const next = SPEEDS[SPEEDS.indexOf(this.speed) + direction];
    if (next) this.setSpeed(next);
  }

  setSkip(skip: boolean): void {
    const { at } = this;
    this.skip = skip;
    this.#timeline = new Timeline(this.cast, skip);
    void this.seekTo(at);
  }

  #tick(now: number): void {
    if (!this.playing) return;
    this.played = Math.min(this.length, this.played + ((now - this.#last) / 1000) * this.speed);
    this.#last = now;
    if (this.ended) this.pause();
    else this.#frame = requestAnimationFrame((next) => this.#tick(next));
    void this.#show();
  }

  #show(): Promise<void> {
    const shown = this.screen.show(this.#timeline.eventsBy(this.played));
    this.changed();
    return shown;
  }
}
