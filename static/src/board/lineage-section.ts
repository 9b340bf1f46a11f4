/** What a card was forked from and what was forked from it, as a tree: a part of its details. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { findCard } from "../model/board";
import { family, type Branch } from "../model/family";
import { snapshotName, type Lineage, type Snapshot } from "../model/life";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { icon } from "../ui/icons";
import { ago } from "../ui/time";
import { Loaded } from "./loaded";
import type { SheetSection } from "./sheet-sections";
import { statusOf } from "./status";

class LineageTree implements SheetSection {
  readonly element = document.createElement("section");
  readonly #lineage: Loaded<Lineage>;

  constructor(
    readonly store: Store,
    readonly card: Card,
  ) {
    this.#lineage = new Loaded(card, () => api.lineage(card.id), () => this.#render());
    this.element.className = "sheet-section lineage";
    this.element.setAttribute("aria-label", "Forks");
    this.element.dataset["testid"] = "lineage";
    this.#render();
    void this.#lineage.load();
  }

  changed(card: Card): void {
    this.#lineage.follow(card);
    this.#render();
  }

  closed(): void {
    this.#lineage.end();
  }

  #snapshot(snapshot: Snapshot | undefined, words: string): TemplateResult | typeof nothing {
    return snapshot ? html`<small class="lineage-from">${icon("snapshot")}${words} “${snapshotName(snapshot)}”, ${ago(snapshot.created_at)}</small>` : nothing;
  }

  #branch(branch: Branch): TemplateResult {
    const { card, forks } = branch;
    const here = card.id === this.card.id;
    const onBoard = findCard(this.store.board, card.id);
    const title = here ? html`<strong aria-current="true">${card.title}</strong> <small>this card</small>` : html`<a href="/c/${card.id}">${card.title}</a>${card.archived ? html` <small>off the board</small>` : nothing}`;
    return html`<li>
      <div class="lineage-card" ?data-here=${here}>
        <span class="dot" data-status=${onBoard ? statusOf(onBoard) : "new"} aria-hidden="true"></span>
        <span class="lineage-words">${title} ${this.#snapshot(branch.from, "from")} ${this.#snapshot(branch.on, "stands on")}</span>
      </div>
      ${forks.length ? html`<ul>${forks.map((each) => this.#branch(each))}</ul>` : nothing}
    </li>`;
  }

  #tree(lineage: Lineage): TemplateResult {
    return html`<ul class="lineage-tree" aria-label="Cards and what they were forked from">${family(lineage).map((root) => this.#branch(root))}</ul>`;
  }

  /** A card without forks has nothing to show here, so nothing is. */
  #render(): void {
    const lineage = this.#lineage.value;
    this.element.hidden = lineage ? lineage.cards.length < 2 : !this.card.forked_from;
    render(this.element.hidden ? nothing : html`<header><h3>Forks</h3></header> ${this.#lineage.view((value) => this.#tree(value))}`, this.element);
  }
}

export const lineageSection = (store: Store, card: Card): SheetSection => new LineageTree(store, card);
