/** The line under a terminal: whose turn it is, a raised hand, the chat; and on touch screens the keys they lack. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { avatar } from "../ui/avatar";
import { icon } from "../ui/icons";
import type { TerminalState } from "./client";
import { heldBack, standing } from "./floor";
import { presentIn, type Present } from "./present";
import type { Room } from "./room";
import type { TouchKeys } from "./touch-keys";

export const CHAT_KEY = "Ctrl+Shift+Enter";

/** Who types, or typed last, when that is somebody else. */
function newsOf(state: TerminalState, others: Present[]): string {
  if (state.exited !== null) return `Its program has ended with exit code ${state.exited}`;
  const held = heldBack(state, standing(state), others);
  if (held) return held;
  const typing = others.find((each) => each.typing);
  if (typing) return `${typing.name} is typing`;
  const owner = others.find((each) => each.owner);
  if (!owner) return "";
  if (!state.scaled) return `${owner.name} typed last`;
  const sized = `Sized for ${owner.name}`;
  return state.you?.role === "type" ? `${sized}; press any key to take it over` : sized;
}

function words(state: TerminalState, others: Present[]): string {
  const news = newsOf(state, others);
  if (state.you?.role !== "watch" || state.connection === "ended") return news;
  return news ? `You are watching · ${news}` : "You are watching; typing is off.";
}

export class Foot {
  readonly element = document.createElement("div");
  readonly #line = document.createElement("div");

  constructor(
    readonly room: Room,
    readonly keys: TouchKeys,
  ) {
    this.element.className = "terminal-foot";
    this.#line.className = "foot-line";
    this.element.append(this.#line, keys.element);
    this.carryChat();
  }

  /** The chat is in one place, whichever of a session's terminals is in front. */
  carryChat(): void {
    if (this.room.chat.element.parentElement !== this.element) this.element.prepend(this.room.chat.element);
  }

  show(state: TerminalState): void {
    const present = presentIn(state);
    const others = present.filter((each) => !each.you);
    this.element.dataset["role"] = state.you?.role ?? "type";
    render(html`${this.#news(state, others)} ${this.#hand(state, present)} ${this.#chat()}`, this.#line);
  }

  #news(state: TerminalState, others: Present[]): TemplateResult {
    const { latest } = this.room.chat;
    const said = latest ? `${latest.name}: ${latest.text}` : "";
    const shown = latest
      ? html`<button class="foot-said" @click=${() => this.room.chat.show()}>${avatar(latest, { title: "", kind: latest.kind })}<span dir="auto"><strong>${latest.name}</strong> ${latest.text}</span></button>`
      : html`<span class="foot-words" title=${words(state, others)}>${words(state, others)}</span>`;
    return html`<span class="visually-hidden" role="log">${said}</span><span class="foot-news" data-testid="foot">${shown}</span>`;
  }

  /** Alone with the right to type, nobody needs one. */
  #hand(state: TerminalState, present: Present[]): TemplateResult | typeof nothing {
    const up = present.some((each) => each.you && each.hands.length > 0);
    const needed = up || state.you?.role === "watch" || present.length > 1;
    if (!needed || state.connection !== "live") return nothing;
    const label = up ? "Lower your hand" : "Raise your hand";
    return html`<button class="foot-button" data-on=${up ? "true" : nothing} aria-label=${label} title=${label} @click=${() => this.room.raise(!up)}>
      ${icon("hand")}<span class="foot-label">${up ? "Lower hand" : "Raise hand"}</span>
    </button>`;
  }

  #chat(): TemplateResult {
    const { open, unread } = this.room.chat;
    const label = unread ? `Chat, ${unread} unread` : "Chat";
    return html`<button class="foot-button" aria-expanded=${open} aria-label=${label} title="${label} (${CHAT_KEY})" @click=${() => this.room.chat.toggle()}>
      ${icon("comment")}<span class="foot-label">Chat</span>${unread ? html`<span class="foot-count">${unread}</span>` : nothing}
    </button>`;
  }
}
