/** The chat of a terminal: a list and a field over its foot, closed until somebody asks for it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { avatar } from "../ui/avatar";
import { icon } from "../ui/icons";
import { links } from "../ui/links";
import { markSeen, seenUpTo } from "./chat-seen";
import { saidBy } from "./present";
import { CHAT_TEXT, type ChatLine, type Participant } from "./protocol";

const KEPT = 100;
const LATEST_MS = 8000;

export interface ChatActions {
  send(text: string): boolean;
  you(): Participant | null;
  changed(): void;
  /** Back to the terminal. */
  leave(): void;
}

function timeOf(iso: string): string {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return at.toLocaleString([], today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

export class Chat {
  readonly element = document.createElement("section");
  open = false;
  /** What was said a moment ago by somebody else. */
  latest: ChatLine | null = null;
  #lines: ChatLine[] = [];
  #seen: number;
  /** Not answered yet; the answers come in this order. */
  #sent: string[] = [];
  #problem = "";
  #timer = 0;

  constructor(
    readonly card: string,
    readonly actions: ChatActions,
  ) {
    this.#seen = seenUpTo(card);
    this.element.className = "chat";
    this.element.setAttribute("aria-label", "Chat");
    this.element.dataset["testid"] = "chat";
    this.element.addEventListener("keydown", (event) => this.#keyed(event));
    this.#render();
  }

  get unread(): number {
    const you = this.actions.you();
    return this.#lines.filter((line) => line.id > this.#seen && !saidBy(line, you)).length;
  }

  history(lines: ChatLine[]): void {
    this.#lines = lines;
    this.#sent = []; // of another connection: none of it will be answered here
    this.#changed();
  }

  said(line: ChatLine): void {
    this.#lines = [...this.#lines, line].slice(-KEPT);
    if (saidBy(line, this.actions.you())) {
      this.#sent.shift();
      this.#problem = "";
    } else this.#show(line);
    this.#changed();
  }

  /** The server did not take what was sent: it is given back. */
  refused(reason: string): void {
    this.#giveBack(reason, this.#sent.shift() ?? "");
  }

  toggle(): void {
    if (this.open) this.close();
    else this.show();
  }

  show(): void {
    this.open = true;
    this.latest = null;
    this.#changed();
    this.#scroll();
    this.#field()?.focus();
  }

  close(): void {
    this.open = false;
    this.#changed();
    this.actions.leave();
  }

  #field(): HTMLInputElement | null {
    return this.element.querySelector("input");
  }

  #show(line: ChatLine): void {
    if (this.open) return;
    this.latest = line;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.latest = null;
      this.actions.changed();
    }, LATEST_MS);
  }

  #keyed(event: KeyboardEvent): void {
    event.stopPropagation(); // keys here mean nothing to the board
    if (event.key !== "Escape" && !(event.key === "Enter" && event.ctrlKey && event.shiftKey)) return;
    event.preventDefault();
    this.close();
  }

  #submitted(event: SubmitEvent): void {
    event.preventDefault();
    const field = this.#field();
    const text = field?.value.trim() ?? "";
    if (!field || !text) return;
    field.value = "";
    this.#problem = "";
    if (!this.actions.send(text)) {
      this.#giveBack("Not sent: the connection is lost. Send it again once it is back.", text);
      return;
    }
    this.#sent.push(text);
    this.#render();
  }

  #giveBack(reason: string, text: string): void {
    const field = this.#field();
    if (field && !field.value) field.value = text;
    this.#problem = reason;
    this.#render();
  }

  #changed(): void {
    const last = this.#lines.at(-1)?.id ?? 0;
    if (this.open && last > this.#seen) markSeen(this.card, (this.#seen = last));
    const list = this.element.querySelector(".chat-list");
    const atEnd = !list || list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    this.#render();
    if (atEnd) this.#scroll();
    this.actions.changed();
  }

  #scroll(): void {
    const list = this.element.querySelector(".chat-list");
    if (list) list.scrollTop = list.scrollHeight;
  }

  #line(line: ChatLine): TemplateResult {
    const own = saidBy(line, this.actions.you());
    return html`<li data-own=${own ? "true" : nothing}>
      ${avatar(line, { title: "", kind: line.kind })}
      <div class="chat-words">
        <p class="chat-who"><strong>${own ? "You" : line.name}</strong> <time datetime=${line.at}>${timeOf(line.at)}</time></p>
        <p class="chat-text" dir="auto">${links(line.text)}</p>
      </div>
    </li>`;
  }

  #render(): void {
    this.element.hidden = !this.open;
    render(
      html`<header class="chat-head">
          <h2>Chat</h2>
          <button class="icon-button" type="button" aria-label="Close the chat" title="Close (Esc)" @click=${() => this.close()}>${icon("close")}</button>
        </header>
        ${this.#lines.length
          ? html`<ol class="chat-list" tabindex="0" aria-label="What was said">${this.#lines.map((line) => this.#line(line))}</ol>`
          : html`<p class="chat-empty">Say something to everybody in this terminal. It stays with the card.</p>`}
        <form class="chat-form" @submit=${(event: SubmitEvent) => this.#submitted(event)}>
          <input aria-label="Message" placeholder="Message" maxlength=${CHAT_TEXT} autocomplete="off" enterkeyhint="send" />
          <button class="icon-button" aria-label="Send" title="Send (Enter)">${icon("send")}</button>
        </form>
        <p class="chat-problem" role="alert">${this.#problem}</p>`,
      this.element,
    );
  }
}
