/** The player's page: its head, the screen, the controls, and the list of what happened. */

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { repeat } from "lit-html/directives/repeat.js";
import { sizeWords } from "../model/layers";
import { lengthWords, type Recording } from "../model/recordings";
import { icon, MARK } from "../ui/icons";
import { menuButton } from "../ui/menu";
import type { SeekBar } from "./bar";
import { castUrl } from "./cast";
import type { Find } from "./find";
import { KEY_WORDS } from "./keys";
import { SPEEDS, type Player, type Speed } from "./player";
import { clockWords, outcome, type Command, type Mark } from "./timeline";

export interface PageCard {
  id: string;
  title: string;
  board: string;
}

export interface Playing {
  player: Player;
  bar: SeekBar;
  find: Find;
}

const day = (iso: string): string => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
const timeOfDay = (ms: number): string => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

function about(recording: Recording): string {
  const terminal = recording.terminal ? `terminal ${recording.terminal}` : "";
  const goes = recording.ended_at ? "" : "still being recorded";
  return [day(recording.started_at), terminal, lengthWords(recording.duration_s), sizeWords(recording.size_bytes), goes, recording.input ? "with input" : ""].filter(Boolean).join(" · ");
}

export function head(card: PageCard, recording: Recording, playing: Playing | null): TemplateResult {
  const back = `/c/${card.id}`;
  const downloads = menuButton("download", "Download", "download", [
    [
      { words: "Recording (.cast)", icon: "record", action: castUrl(recording.id) },
      { words: "Plain text (.txt)", icon: "text", action: castUrl(recording.id, "txt") },
    ],
  ]);
  return html`<div class="head"><header class="topbar recording-head">
    <img class="brand" src=${MARK} alt="" width="24" height="24" />
    <a class="icon-button" href=${back} aria-label="Back to the card" title="Back to the card">${icon("back")}</a>
    <div class="recording-name"><h1 class="board-name" title=${card.title}>${card.title}</h1><p>${about(recording)}</p></div>
    <div class="topbar-end">
      ${playing ? html`<button type="button" class="icon-button" aria-label="Search this recording" title="Search (/)" aria-expanded=${playing.find.open} @click=${() => playing.find.show()}>${icon("search")}</button>` : nothing}
      ${downloads}
    </div>
  </header></div>`;
}

function endSign(command: Command): TemplateResult {
  const how = outcome(command);
  if (how === "good") return html`<span class="event-end" data-outcome="good">${icon("check")}<span class="visually-hidden">succeeded</span></span>`;
  if (how === "bad") return html`<span class="event-end" data-outcome="bad" title="Exit code ${command.exitCode}"><span class="visually-hidden">exit code </span>${command.exitCode}</span>`;
  return html`<span class="event-end" data-outcome="unknown" title="How it ended is not known">–</span>`;
}

function eventRow(player: Player, mark: Mark, current: boolean): TemplateResult {
  const words = mark.kind === "command" ? html`<code>${mark.text || "…"}</code>` : html`<span>${mark.text}</span>`;
  return html`<li><button type="button" class="event" data-kind=${mark.kind} aria-current=${current ? "true" : nothing} @click=${() => void player.seekTo(mark.at)}>
    <span class="event-at">${clockWords(player.playedAt(mark.at))}</span>${words}${mark.kind === "command" ? endSign(mark) : nothing}
  </button></li>`;
}

/** Drawn again only where another entry is the current one, or times are others: it can be long. */
export function events(player: Player): TemplateResult {
  const { current } = player;
  if (!player.marks.length) return html`<p class="sheet-none">No commands were marked. Shells with vibenv’s default profile mark them.</p>`;
  return html`<ol>${repeat(player.marks, (mark) => mark.index, (mark) => eventRow(player, mark, mark === current))}</ol>`;
}

function speedPicker(player: Player): TemplateResult {
  const chosen = (event: Event): void => player.setSpeed(Number((event.target as HTMLSelectElement).value) as Speed);
  return html`<select class="select" aria-label="Speed" title="Speed (&lt; and &gt;)" @change=${chosen}>
    ${SPEEDS.map((speed) => html`<option value=${speed} .selected=${live(speed === player.speed)}>${speed}×</option>`)}
  </select>`;
}

export function controls({ player, bar }: Playing): TemplateResult {
  const words = player.playing ? "Pause" : player.ended && player.length ? "Play again" : "Play";
  const button = (name: "previous" | "next", label: string, key: string, act: () => void): TemplateResult =>
    html`<button type="button" class="icon-button" aria-label=${label} title="${label} (${key})" @click=${act}>${icon(name)}</button>`;
  const keys = KEY_WORDS.map(([key, what]) => `${key}: ${what}`).join("\n");
  return html`${bar.view()}
    <div class="recording-buttons">
      ${button("previous", "Previous command", "N", () => void player.step(-1))}
      <button type="button" class="icon-button recording-play" aria-label=${words} title="${words} (Space)" @click=${() => player.toggle()}>${icon(player.playing ? "pause" : player.ended && player.length ? "restore" : "play")}</button>
      ${button("next", "Next command", "n", () => void player.step(1))}
      <span class="recording-time"><strong>${clockWords(player.played)}</strong> / ${clockWords(player.length)}</span>
      <span class="recording-clock" title="When this was">${timeOfDay((player.cast.header.timestamp + player.at) * 1000)}</span>
      <span class="recording-more">
        <label class="recording-skip" title="Silence is played in a moment (i)"><input type="checkbox" .checked=${live(player.skip)} @change=${(event: Event) => player.setSkip((event.target as HTMLInputElement).checked)} />Skip idle</label>
        ${speedPicker(player)}
        <button type="button" class="icon-button recording-help" aria-label="Keys: ${keys.replaceAll("\n", "; ")}" title=${keys}>${icon("help")}</button>
      </span>
    </div>`;
}

export function cutNote(recording: Recording): TemplateResult | typeof nothing {
  if (!recording.cut) return nothing;
  return html`<p class="recording-note" role="note">It reached its largest size and was cut here; the card’s next recording goes on.</p>`;
}
