/** The wall's entry: all running terminals of a board at once; the one that is chosen is real, the others are miniatures. */

import { render } from "lit-html";
import { Attention } from "./board/attention";
import { takeFiles } from "./board/file-drop";
import { Mentions } from "./board/mentions";
import { focusSearch } from "./board/filters";
import { Screens } from "./mini/screens";
import { resumeOnOpen } from "./model/life-actions";
import { Store } from "./model/store";
import type { PageState } from "./model/types";
import { BoardSocket } from "./net/board-socket";
import { Panel } from "./panel/panel";
import { boardClosed } from "./ui/closed";
import { inTerminal, isTyping } from "./ui/focus";
import { startTicker } from "./ui/time";
import { beside, type Arrow } from "./wall/neighbours";
import { tileElement } from "./wall/tile";
import { tilesOf, wallView, type WallParts } from "./wall/view";

class WallPage {
  readonly #store: Store;
  readonly #root: HTMLElement;
  readonly #panel: Panel;
  readonly #socket: BoardSocket;
  readonly #screens: Screens;
  readonly #attention: Attention;
  readonly #tick: () => void;

  constructor(root: HTMLElement, state: PageState) {
    this.#root = root;
    this.#store = new Store(state);
    this.#panel = new Panel(this.#store, () => this.#store.setUi({}));
    this.#screens = new Screens(state.board.id, () => this.#store.setUi({}));
    window.vibenv.miniature = (card) => this.#screens.text(card);
    this.#attention = new Attention(this.#store, (card) => this.#choose(card));
    const mentions = new Mentions(this.#store, (card) => location.assign(`/c/${card}#details=${card}`));
    this.#socket = new BoardSocket(this.#store, boardClosed, () => void mentions.refetch());
    takeFiles(this.#store);
    root.replaceChildren();
    root.removeAttribute("data-loading");
    this.#tick = startTicker(root);
    this.#store.subscribe(() => this.#render());
    document.addEventListener("keydown", (event) => this.#keyed(event));
    this.#render();
  }

  #render(): void {
    const { board, ui } = this.#store;
    if (ui.open && !tilesOf(this.#store).some((card) => card.id === ui.open)) ui.open = null;
    this.#panel.prepare();
    this.#root.dataset["view"] = "wall";
    render(wallView(this.#parts), this.#root);
    document.title = `${this.#attention.badge()}Wall · ${board.name} · vibenv`;
    this.#tick();
    this.#screens.sync(this.#root);
    this.#attention.look();
    void this.#panel.fill();
  }

  get #parts(): WallParts {
    const actions = {
      choose: (card: string | null) => this.#choose(card),
      nextWaiting: () => this.#nextWaiting(),
      retry: () => this.#socket.retryNow(),
      render: () => this.#store.setUi({}),
    };
    return { store: this.#store, panel: this.#panel, screens: this.#screens, actions };
  }

  #nextWaiting(): void {
    const tiles = [...this.#root.querySelectorAll<HTMLElement>("[data-tile][data-waiting]")];
    const at = tiles.indexOf(document.activeElement as HTMLElement);
    const next = tiles[(at + 1) % tiles.length];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  #choose(card: string | null): void {
    this.#store.setUi({ open: card, terminal: null });
    if (card) resumeOnOpen(this.#store, card);
    setTimeout(() => {
      if (card) tileElement(card)?.scrollIntoView({ block: "nearest" });
      this.#panel.client?.focus();
    });
  }

  #keyed(event: KeyboardEvent): void {
    if (event.shiftKey && event.key === "F6") this.#leaveTerminal(event);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(document.activeElement) || inTerminal(document.activeElement)) return;
    const tile = document.activeElement?.closest<HTMLElement>("[data-tile]") ?? null;
    if (event.key.startsWith("Arrow")) {
      const next = beside([...this.#root.querySelectorAll<HTMLElement>("[data-tile]")], tile, event.key as Arrow);
      next?.focus();
      if (next) event.preventDefault();
    } else if (event.key === "Enter" && tile && document.activeElement === tile) {
      event.preventDefault();
      this.#choose(tile.dataset["tile"] ?? null);
    } else if (event.key === "/") {
      event.preventDefault();
      focusSearch(this.#store);
    } else if (event.key === "w") this.#nextWaiting();
    else if (event.key === "Escape" && this.#store.ui.open && !document.querySelector(".menu:popover-open")) {
      const left = this.#store.ui.open;
      this.#store.setUi({ open: null });
      tileElement(left)?.focus();
    }
  }

  #leaveTerminal(event: KeyboardEvent): void {
    const open = this.#store.ui.open;
    if (!open) return;
    event.preventDefault();
    if (inTerminal(document.activeElement)) tileElement(open)?.focus();
    else this.#panel.client?.focus();
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new WallPage(root, JSON.parse(state) as PageState);
