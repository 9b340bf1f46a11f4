/** The layers page's entry: the board's recipes, their versions and logs. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { connection, cutOff } from "./board/connection";
import { meMenu } from "./board/me-menu";
import { Comparison } from "./layers/compare";
import { detail } from "./layers/detail";
import { Editor } from "./layers/editor";
import { recipeList } from "./layers/list";
import { BuildLog } from "./layers/log";
import { LayersState } from "./layers/state";
import { Store } from "./model/store";
import type { PageState } from "./model/types";
import { BoardSocket } from "./net/board-socket";
import { boardClosed } from "./ui/closed";
import { icon, MARK } from "./ui/icons";
import { startTicker } from "./ui/time";

const GATHER_MS = 250;

class LayersPage {
  readonly #root: HTMLElement;
  readonly #store: Store;
  readonly #state: LayersState;
  readonly #socket: BoardSocket;
  readonly #log = new BuildLog();
  readonly #comparison = new Comparison();
  readonly #editor: Editor;
  readonly #tick: () => void;
  #known: unknown = null;
  #timer = 0;

  constructor(root: HTMLElement, page: PageState) {
    this.#root = root;
    this.#store = new Store(page);
    this.#state = new LayersState(this.#store, () => this.#render());
    this.#editor = new Editor(this.#state);
    this.#socket = new BoardSocket(this.#store, boardClosed, () => undefined);
    root.replaceChildren();
    root.removeAttribute("data-loading");
    root.dataset["view"] = "layers";
    this.#tick = startTicker(root);
    this.#known = this.#store.board.recipes;
    this.#store.subscribe(() => this.#heard());
    addEventListener("popstate", () => this.#state.follow());
    addEventListener("hashchange", () => this.#state.follow());
    this.#render();
    void this.#state.load();
  }

  /** News of the board's layers: all that is shown of them is asked for again, at most a few times a second. */
  #heard(): void {
    this.#render();
    if (this.#known === this.#store.board.recipes) return;
    this.#known = this.#store.board.recipes;
    this.#timer ||= setTimeout(() => {
      this.#timer = 0;
      void this.#state.load();
    }, GATHER_MS);
  }

  #main(): TemplateResult {
    const state = this.#state;
    if (state.failed && !state.recipes) {
      return html`<div class="layers-hint" role="alert"><strong>The layers could not be loaded</strong><span>${state.failed}</span><button class="button" @click=${() => void state.load()}>Try again</button></div>`;
    }
    if (!state.recipes) return html`<div class="layers-hint" role="status"><span>Loading…</span></div>`;
    if (state.editing !== null) {
      this.#editor.show(state.editing);
      return html`${this.#editor.element}`;
    }
    if (state.recipe) return detail(state, state.recipe, this.#log, this.#comparison);
    if (state.place.recipe !== null) return html`<div class="layers-hint"><strong>There is no such layer</strong><span>It may have been deleted.</span></div>`;
    return html`<div class="layers-hint">
      <span class="hint-slabs" aria-hidden="true"><i></i><i data-kind="profile"></i><i data-kind="toolchain"></i><i data-kind="project"></i><i data-kind="base"></i></span>
      <strong>Layers lie on each other, and each is renewed by itself</strong>
      <span>Choose one to see its versions, or make a new one. A newer profile or toolchain comes into running sessions without ending what runs in them.</span>
    </div>`;
  }

  #render(): void {
    const { store } = this.#state;
    const one = this.#state.recipe !== undefined || this.#state.editing !== null;
    render(
      html`<div class="head"><header class="topbar">
          <img class="brand" src=${MARK} alt="" width="24" height="24" />
          <a class="icon-button" href="/b/${store.board.id}" aria-label="Back to the board" title="Back to the board">${icon("back")}</a>
          <h1 class="board-name">Layers <span class="layers-of">of ${store.board.name}</span></h1>
          <span class="spacer"></span>
          ${connection(store)} ${meMenu(store)}
        </header>${cutOff(store, () => this.#socket.retryNow())}</div>
        <main class="layers-page" data-one=${one ? "true" : nothing}>${recipeList(this.#state)}<div class="layers-main">${this.#main()}</div></main>`,
      this.#root,
    );
    document.title = `${this.#state.recipe ? `${this.#state.recipe.name} · ` : ""}Layers · ${store.board.name} · vibenv`;
    this.#tick();
  }
}

const root = document.getElementById("app");
const state = document.getElementById("vibenv-state")?.textContent;
if (root && state) new LayersPage(root, JSON.parse(state) as PageState);
