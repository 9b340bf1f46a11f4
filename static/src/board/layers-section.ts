/** The layers of a card's session, in its sheet: a stack of slabs, with what can be done about each. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { addLayer, removeLayer, restartCard, updateCard, updateLayer } from "../model/layer-actions";
import {
  behind, changesWaiting, driftWords, hasOwnStack, isMounted, KIND_WORDS, KINDS, missing, pending, recipeOf, sessionLayers, sizeWords, waitsForStart,
  type LayerKind, type RecipeShort, type SessionLayer,
} from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { ask } from "../ui/dialog";
import { icon } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import type { SheetSection } from "./sheet-sections";
import { stackDialog } from "./stack-dialog";
import { updateDialog } from "./update-dialog";
import { pickVersion } from "./version-picker";

type Part = TemplateResult | typeof nothing;

async function restart(store: Store, card: Card): Promise<void> {
  const title = "Restart the session now?";
  const sure = await ask(
    title,
    html`<h2>${title}</h2>
      <div class="dialog-body"><p>Programs that run in it end. Its files stay, over the newer layers.</p></div>
      <footer><button type="button" class="button" data-close autofocus>Cancel</button><button type="submit" class="button primary">Restart now</button></footer>`,
  );
  if (sure) await restartCard(store, card);
}

const pageOf = (store: Store, recipe: number): string => `/b/${store.board.id}/layers#${recipe}`;

function menuOf(store: Store, card: Card, layer: SessionLayer): MenuItem[][] {
  const update: MenuItem = { words: "Update", icon: "up", action: () => void updateLayer(store, card, layer.recipe) };
  const other: MenuItem = { words: "Another version…", icon: "layers", action: () => void pickVersion(store, card, layer) };
  const remove: MenuItem = { words: "Remove from this session", icon: "trash", action: () => void removeLayer(store, card, layer.recipe) };
  const open: MenuItem = { words: "Show its recipe", icon: "text", action: pageOf(store, layer.recipe) };
  return [[...(behind(store.board, card, layer) ? [update] : []), other], [open], isMounted(layer) && layer.wants !== null ? [remove] : []];
}

function versionWords(card: Card, layer: SessionLayer): string {
  const next = pending(card, layer);
  if (layer.runs === null) return `${layer.wants ?? ""} ${next === "updating" ? "is being added" : "comes at the next start"}`;
  if (layer.wants === null) return `${layer.runs} ${next === "updating" ? "is being removed" : "goes at the next start"}`;
  if (next === "updating") return `${layer.runs} → ${layer.wants}, updating`;
  return next ? `${layer.runs} → ${layer.wants} at the next start` : String(layer.runs);
}

/** A version that is being made, or could not be. */
function newsOf(store: Store, layer: SessionLayer): Part {
  const recipe = recipeOf(store.board, layer.recipe);
  if (recipe?.state !== "building" && recipe?.state !== "failed") return nothing;
  const far = recipe.progress === null ? "" : `, ${Math.round(recipe.progress * 100)} %`;
  return html`<p class="slab-note">${recipe.state === "building" ? `A newer version is being built${far}.` : "Its newest build failed."} <a href=${pageOf(store, recipe.id)}>Log</a></p>`;
}

function conflictsOf(layer: SessionLayer): Part {
  const count = layer.conflicts.length;
  if (!count) return nothing;
  return html`<details class="slab-note"><summary>${count === 1 ? "1 file" : `${count} files`} changed on both sides: yours stayed</summary>
    <ul>${layer.conflicts.map((path) => html`<li><code>${path}</code></li>`)}</ul>
    ${layer.kind === "project" ? html`<p>The project’s are in <code>/workspace/.vibenv/incoming</code>.</p>` : nothing}</details>`;
}

function slab(store: Store, card: Card, layer: SessionLayer): TemplateResult {
  const drift = driftWords(store.board, card, layer);
  const menu = (event: Event): void => showMenu(layer.name, event.currentTarget as Element, menuOf(store, card, layer));
  return html`<li class="slab" data-kind=${layer.kind} data-pending=${pending(card, layer) ?? nothing} data-behind=${drift ? "true" : nothing}>
    <div class="slab-line">
      <span class="slab-kind">${KIND_WORDS[layer.kind]}</span>
      <span class="slab-name"><strong>${layer.name}</strong> <span class="slab-version">${versionWords(card, layer)}</span>
        ${drift ? html`<span class="slab-behind">${drift}</span>` : nothing}</span>
      <span class="slab-size">${sizeWords(layer.size_bytes)}</span>
      ${mayEdit(store) ? html`<button type="button" class="icon-button" aria-label="What can be done with ${layer.name}" title="More" @click=${menu}>${icon("dots")}</button>` : nothing}
    </div>
    ${layer.problem ? html`<p class="slab-note" data-tone="warning">${layer.problem}</p>` : nothing} ${conflictsOf(layer)} ${newsOf(store, layer)}
  </li>`;
}

function newSlab(recipe: RecipeShort): TemplateResult {
  return html`<li class="slab" data-kind=${recipe.kind} data-pending="new" data-behind="true"><div class="slab-line">
    <span class="slab-kind">${KIND_WORDS[recipe.kind]}</span><span class="slab-name"><strong>${recipe.name}</strong> <span class="slab-version">${recipe.latest}</span>
    <span class="slab-behind">new in the stack</span></span><span class="slab-size">${sizeWords(recipe.latest_size_bytes)}</span>
  </div></li>`;
}

const emptySlab = (kind: LayerKind): TemplateResult =>
  html`<li class="slab" data-kind=${kind} data-empty><div class="slab-line"><span class="slab-kind">${KIND_WORDS[kind]}</span><span class="slab-name">none</span></div></li>`;

function slabsOf(store: Store, card: Card, kind: LayerKind): TemplateResult[] {
  const there = sessionLayers(card).filter((layer) => layer.kind === kind).map((layer) => slab(store, card, layer));
  const news = missing(store.board, card).filter((recipe) => recipe.kind === kind).map(newSlab);
  return there.length + news.length ? [...news, ...there] : [emptySlab(kind)];
}

function stackOf(store: Store, card: Card): TemplateResult {
  const slabs = KINDS.flatMap((kind) => slabsOf(store, card, kind));
  return html`<ol class="slabs" aria-label="From the top to the bottom">
    <li class="slab" data-kind="session"><div class="slab-line"><span class="slab-kind">Session</span><span class="slab-name">What was written here</span></div></li>
    ${slabs}
  </ol>`;
}

function toAdd(store: Store, card: Card): MenuItem[] {
  const there = sessionLayers(card).filter((layer) => layer.wants !== null);
  const profile = there.some((layer) => layer.kind === "profile");
  const possible = store.board.recipes.filter((recipe) => recipe.latest !== null && !there.some((layer) => layer.recipe === recipe.id) && (recipe.kind === "toolchain" || (recipe.kind === "profile" && !profile)));
  return possible.map((recipe) => ({ words: `${recipe.name} ${recipe.latest}`, icon: "plus" as const, action: () => void addLayer(store, card, recipe.id) }));
}

function buttons(store: Store, card: Card): Part {
  if (!mayEdit(store)) return nothing;
  const update = (): void => void updateCard(store, card, (run) => updateDialog(store, run));
  const more = (event: Event): void => {
    const none: MenuItem = { words: "Make a toolchain…", icon: "layers", action: `/b/${store.board.id}/layers#new` };
    showMenu("Add a layer", event.currentTarget as Element, [toAdd(store, card), [none]]);
  };
  return html`<p class="slab-buttons">
    ${changesWaiting(store.board, card) ? html`<button type="button" class="button small primary" ?disabled=${store.ui.updating !== null} @click=${update}>Update</button>` : nothing}
    ${waitsForStart(card) ? html`<button type="button" class="button small" @click=${() => void restart(store, card)}>Restart now…</button>` : nothing}
    ${sessionLayers(card).length ? html`<button type="button" class="button small quiet" @click=${more}>${icon("plus")}Add toolchain…</button>` : nothing}
    <button type="button" class="button small quiet" @click=${() => void stackDialog(store, card)}>${icon("layers")}${hasOwnStack(store.board, card) ? "Its own stack…" : "Stack of its own…"}</button>
  </p>`;
}

export function layersSection(store: Store, first: Card): SheetSection {
  const element = document.createElement("section");
  element.className = "sheet-section layers-section";
  element.setAttribute("aria-label", "Layers");
  let card = first;
  const draw = (): void => {
    const none = html`<p class="sheet-none">Its session gets ${hasOwnStack(store.board, card) ? "a stack of its own" : "the board’s stack"} when it starts.</p>`;
    render(html`<header><h3>Layers</h3></header> ${sessionLayers(card).length ? stackOf(store, card) : none} ${buttons(store, card)}`, element);
  };
  draw();
  return { element, changed: (now) => ((card = now), draw()) };
}
