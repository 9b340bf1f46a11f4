/** The board page's entry: reads the state the server wrote into it, and keeps page and server alike from then on. */

import { html, render } from "lit-html";
import type { BoardActions } from "./board/card";
import { cardKey } from "./board/card-keys";
import { commands } from "./board/commands";
import { cutOff } from "./board/connection";
import { CardDrag } from "./board/drag";
import { carried } from "./board/drop-place";
import { focusSearch } from "./board/filters";
import { BoardKeyboard } from "./board/keyboard";
import { clearSelection, selectBar } from "./board/select-bar";
import { cardSheet, preloadSheet, sheetOfAddress } from "./board/card-sheet";
import { Attention } from "./board/attention";
import { takeFiles } from "./board/file-drop";
import { Mentions } from "./board/mentions";
import { showKeys, topbar } from "./board/topbar";
import { goToNextWaiting } from "./board/waiting-button";
import { boardView, lookingOnly, skipLink } from "./board/view";
import { Screens } from "./mini/screens";
import { moveCard } from "./model/actions";
import type { Place } from "./model/board";
import { cardsWords, moveCards } from "./model/bulk";
import { resumeOnOpen } from "./model/life-actions";
import { mayEdit } from "./model/may";
import { chosenOf, extended, toggled } from "./model/selection";
import { Store } from "./model/store";
import type { PageState } from "./model/types";
import { BoardSocket } from "./net/board-socket";
import { Panel } from "./panel/panel";
import { closeCard, openCard, startRouting } from "./panel/route";
import { applyStoredSplit } from "./panel/split";
import { panelView } from "./panel/view";
import { announce } from "./ui/announce";
import { boardClosed } from "./ui/closed";
import { cardElement, dialogIsOpen, inTerminal, isTyping } from "./ui/focus";
import { showPalette } from "./ui/palette";
import { onNewDay, startTicker } from "./ui/time";

class Page {
  readonly #store: Store;
  readonly #root: HTMLElement;
  readonly #panel: Panel;
  readonly #drag: CardDrag;
  readonly #keyboard: BoardKeyboard;
  readonly #socket: BoardSocket;
  readonly #screens: Screens;
  readonly #attention: Attention;
  readonly #tick: () => void;
  #lastOpen: string | null = null;
  readonly #actions: BoardActions = {
    open: (card) => this.#open(card),
    lift: (card) => this.#keyboard.lift(card),
    drop: (card, place) => this.#dropped(card, place),
    select: (card, how) => this.#select(card, how),
  };

  constructor(root: HTMLElement, state: PageState) {
    this.#root = root;
    this.#store = new Store(state);
    this.#panel = new Panel(this.#store, () => this.#store.setUi({}));
    this.#screens = new Screens(state.board.id);
    window.vibenv.miniature = (card) => this.#screens.text(card);
    this.#attention = new Attention(this.#store, (card) => this.#open(card));
    this.#drag = new CardDrag(this.#store, () => this.#panel.preload(), (card, place) => this.#dropped(card, place));
    this.#keyboard = new BoardKeyboard(this.#store, this.#actions, (card, event, archive) => cardKey(this.#store, this.#actions, card, event, archive));
    const mentions = new Mentions(this.#store, (card) => this.#openComments(card));
    this.#socket = new BoardSocket(this.#store, boardClosed, () => void mentions.refetch());
    takeFiles(this.#store);
    root.replaceChildren();
    root.removeAttribute("data-loading");
    this.#tick = startTicker(root);
    onNewDay(() => this.#store.setUi({}));
    this.#store.subscribe(() => this.#render());
    this.#keyboard.listen();
    this.#drag.listen(root);
    this.#listen();
    startRouting(this.#store);
    applyStoredSplit();
    this.#render();
    sheetOfAddress(this.#store);
  }

  #listen(): void {
    document.addEventListener("keydown", (event) => this.#keyed(event));
    // Whoever begins to do something may want a card's terminal next, or its details.
    const preload = (): void => {
      this.#panel.preload();
      preloadSheet();
    };
    for (const begins of ["pointerover", "keydown"] as const) document.addEventListener(begins, preload, { once: true });
  }

  #render(): void {
    const { ui, board } = this.#store;
    this.#panel.prepare();
    this.#root.dataset["view"] = ui.open === null ? "board" : ui.full ? "full" : "split";
    render(
      html`${skipLink()}<div class="head">${topbar(this.#store)} ${cutOff(this.#store, () => this.#socket.retryNow())} ${lookingOnly(this.#store)}</div>
        <div class="work">${boardView(this.#store, this.#actions)} ${panelView(this.#store, this.#panel)}</div>
        ${selectBar(this.#store, this.#actions)}`,
      this.#root,
    );
    const card = this.#store.card(ui.open);
    document.title = `${this.#attention.badge()}${card ? `${card.title} · ` : ""}${board.name} · vibenv`;
    this.#tick();
    this.#drag.sync(this.#root);
    this.#screens.sync(this.#root);
    this.#attention.look();
    this.#keepInSight(ui.open);
    void this.#panel.fill();
  }

  /** The panel that opens may cover the card it is about. */
  #keepInSight(open: string | null): void {
    if (open !== null && open !== this.#lastOpen) cardElement(open)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.#lastOpen = open;
  }

  #open(card: string): void {
    if (this.#store.card(card)?.unsaved) return;
    if (this.#store.ui.selected.length) this.#store.setUi({ selected: [] });
    openCard(this.#store, card);
    resumeOnOpen(this.#store, card);
    setTimeout(() => this.#panel.client?.focus());
  }

  #openComments(id: string): void {
    const card = this.#store.card(id);
    if (card) cardSheet(this.#store, card, { focus: "comments" });
  }

  /** The product's promise: a card dropped on Active is a terminal one is in. */
  #dropped(card: string, place: Place): void {
    const along = chosenOf(this.#store.board, carried(this.#store, card));
    if (along.length > 1) return void moveCards(this.#store, along, place);
    performance.mark("vibenv:drop", { detail: { card } });
    const column = this.#store.board.columns.find((each) => each.id === place.column);
    const starts = column?.role === "active" && this.#store.card(card)?.column !== place.column;
    void moveCard(this.#store, card, place);
    if (starts && this.#store.ui.cutOffSince === null && !this.#panel.busyElsewhere(card)) openCard(this.#store, card);
  }

  #select(card: string, how: "toggle" | "range"): void {
    if (!mayEdit(this.#store) || this.#store.card(card)?.unsaved) return;
    const { selected } = this.#store.ui;
    const now = how === "range" ? extended(this.#store.shown, selected, selected.at(-1), card) : toggled(selected, card);
    this.#store.setUi({ selected: now });
    announce(`${this.#store.card(card)?.title ?? ""}, ${now.includes(card) ? "selected" : "no longer selected"}. ${cardsWords(now.length)} selected.`);
  }

  #keyed(event: KeyboardEvent): void {
    if (event.shiftKey && event.key === "F6") this.#switchSides(event);
    if ((event.ctrlKey || event.metaKey) && event.key === "k") this.#showPalette(event);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(document.activeElement) || inTerminal(document.activeElement) || dialogIsOpen()) return;
    if (event.key === "?") showKeys();
    else if (event.key === "/") focusSearch(this.#store);
    else if (event.key === "w") goToNextWaiting();
    else if (event.key === "n" && mayEdit(this.#store)) this.#store.setUi({ composing: this.#store.board.columns[0]?.id ?? null });
    else if (event.key === "Escape" && this.#store.ui.selected.length && !document.querySelector(".menu:popover-open")) clearSelection(this.#store);
    else if (event.key === "Escape" && this.#store.ui.open && !this.#store.ui.full && !document.querySelector(".menu:popover-open")) closeCard(this.#store);
    else return;
    event.preventDefault();
  }

  /** Over the cards and all that can be done. In the terminal the key is the shell's. */
  #showPalette(event: KeyboardEvent): void {
    if (inTerminal(document.activeElement) || dialogIsOpen()) return;
    event.preventDefault();
    const focused = document.activeElement?.closest<HTMLElement>("[data-card]")?.dataset["card"] ?? null;
    showPalette(commands(this.#store, this.#actions, this.#store.card(focused ?? this.#store.ui.open), showKeys));
  }

  #switchSides(event: KeyboardEvent): void {
    const open = this.#store.ui.open;
    if (!open) return;
    event.preventDefault();
    if (inTerminal(document.activeElement)) cardElement(open)?.focus();
    else this.#panel.client?.focus();
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new Page(root, JSON.parse(state) as PageState);
