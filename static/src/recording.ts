/** The entry of a recording's page: loads it, and plays it. */

import { html, render, type TemplateResult } from "lit-html";
import type { Recording } from "./model/recordings";
import { SeekBar } from "./recording/bar";
import { loadCast, type Cast } from "./recording/cast";
import { Find } from "./recording/find";
import { playerKey } from "./recording/keys";
import { Player } from "./recording/player";
import { RecordedScreen } from "./recording/screen";
import { controls, cutNote, events, head, type PageCard, type Playing } from "./recording/view";

interface State {
  card: PageCard;
  recording: Recording;
}

class RecordingPage {
  readonly #host = document.createElement("div");
  readonly #list = document.createElement("div");
  #playing: Playing | null = null;
  #progress = 0;
  #failed = "";
  #listed: unknown[] = [];
  #due = false;

  constructor(
    readonly root: HTMLElement,
    readonly state: State,
  ) {
    this.#host.className = "terminal-host recording-host";
    this.#list.className = "recording-list";
    root.replaceChildren();
    root.removeAttribute("data-loading");
    document.addEventListener("keydown", (event) => this.#playing && playerKey(event, this.#playing.player, this.#playing.find));
    addEventListener("hashchange", () => this.#toAddress());
    this.#render();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#failed = "";
    try {
      const cast = await loadCast(this.state.recording.id, (share) => {
        this.#progress = share;
        this.#soon();
      });
      this.#begin(cast);
    } catch (error) {
      this.#failed = error instanceof Error ? error.message : String(error);
    }
    this.#render();
  }

  #begin(cast: Cast): void {
    const screen = new RecordedScreen(cast, this.#host);
    const player = new Player(cast, screen, () => this.#soon());
    const { card, recording } = this.state;
    const find = new Find(card.id, recording.id, (hit) => {
      player.pause();
      void player.seekTo(hit.at_s);
    }, () => this.#soon());
    this.#playing = { player, bar: new SeekBar(player, () => this.#soon()), find };
    window.vibenv = { terminal: screen.terminal };
    if (!this.#toAddress()) player.toggle();
  }

  /** The time that the page's address names. */
  #toAddress(): boolean {
    const found = /^#t=([\d.]+)$/.exec(location.hash);
    if (!found || !this.#playing) return false;
    this.#playing.player.pause();
    void this.#playing.player.seekTo(Number(found[1]));
    return true;
  }

  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      this.#render();
    });
  }

  #body(): TemplateResult {
    if (this.#failed) {
      return html`<div class="overlay recording-failed" role="alert"><p class="overlay-title">It couldn’t be loaded</p><p class="overlay-reason">${this.#failed}</p>
        <p class="overlay-actions"><button type="button" class="button primary" @click=${() => void this.#load()}>Try again</button></p></div>`;
    }
    if (this.#playing) return html``;
    return html`<div class="overlay" role="status"><p class="overlay-title">Loading the recording…</p><progress aria-label="Loaded" max="1" .value=${this.#progress}></progress></div>`;
  }

  /** The list follows what is current, not every moment. */
  #showList({ player }: Playing): void {
    const now = [player.current, player.skip];
    if (this.#listed.length && now.every((value, at) => value === this.#listed[at])) return;
    this.#listed = now;
    render(events(player), this.#list);
    this.#list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #render(): void {
    const { card, recording } = this.state;
    const playing = this.#playing;
    if (playing) this.#showList(playing);
    render(
      html`${head(card, recording, playing)}
        <main class="recording" data-testid="recording" data-ready=${playing ? "true" : "false"} data-playing=${playing?.player.playing ? "true" : "false"}>
          <div class="recording-stage">
            <div class="recording-screen">${this.#host} ${playing?.find.view()} ${this.#body()}</div>
            ${cutNote(recording)}
            <div class="recording-controls" role="group" aria-label="Player">${playing ? controls(playing) : ""}</div>
          </div>
          <section class="recording-events" aria-label="What happened"><h2>What happened</h2>${this.#list}</section>
        </main>`,
      this.root,
    );
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new RecordingPage(root, JSON.parse(state) as State);
