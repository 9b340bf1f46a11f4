/** The layers of a card's session, in its sheet: each a slab, with what can be done about it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { addLayer, behind, KIND_WORDS, isBehind, missing, pending, removeLayer, restartCard, sessionLayers, sizeWords, updateCard, updateLayer, waitsForStart, type SessionLayer } from "../model/layers";
import { mayEdit } from "../model/may";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { ask } from "../ui/dialog";
import { icon } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import type { SheetSection } from "./sheet-sections";
import { stackDialog } from "./stack-dialog";

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

/** Another version, newer or older: going back is the same. */
async function pickVersion(store: Store, card: Card, layer: SessionLayer): Promise<void> {
  const title = `Version of ${layer.name}`;
  const versions = (await api.versions(layer.recipe).catch(() => [])).filter((version) => version.state === "ready");
  const row = (number: number, words: string): TemplateResult => html`<label class="choice">
    <input type="radio" name="version" value=${number} ?checked=${number === (layer.wants ?? layer.runs)} />
    <span><strong>${number}</strong> ${words}</span>
  </label>`;
  const words = (size: number | null, who: string, why: string): string => [sizeWords(size), who && `by ${who}`, why].filter(Boolean).join(" · ");
  const chosen = await ask(
    title,
    html`<h2>${title}</h2>
      <fieldset class="choices version-choices"><legend class="visually-hidden">Versions that are ready</legend>
        ${versions.map((version) => row(version.number, words(version.size_bytes, version.asked_by, version.why)))}
        ${versions.length ? nothing : html`<p>No version is ready.</p>`}
      </fieldset>
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary" ?disabled=${!versions.length}>Use it</button></footer>`,
  );
  const number = Number(chosen?.get("version") ?? 0);
  if (number && number !== layer.wants) await updateLayer(store, card, layer.recipe, number);
}

function menuOf(store: Store, card: Card, layer: SessionLayer): MenuItem[][] {
  const late = behind(store.board, card, layer);
  const update: MenuItem = { words: "Update", icon: "up", action: () => void updateLayer(store, card, layer.recipe) };
  const other: MenuItem = { words: "Another version…", icon: "layers", action: () => void pickVersion(store, card, layer) };
  const remove: MenuItem = { words: "Remove from this session", icon: "trash", action: () => void removeLayer(store, card, layer.recipe) };
  const open: MenuItem = { words: "Show its recipe", icon: "text", action: `/b/${store.board.id}/layers#${layer.recipe}` };
  const removable = layer.kind === "toolchain" || layer.kind === "profile";
  return [[...(late ? [update] : []), other], [open], removable && layer.wants !== null ? [remove] : []];
}

function versionWords(card: Card, layer: SessionLayer): string {
  if (layer.runs === null) return `${layer.wants ?? ""} ${pending(card, layer) === "updating" ? "is being added" : "comes at the next start"}`;
  if (layer.wants === null) return `${layer.runs} ${pending(card, layer) === "updating" ? "is being removed" : "goes at the next start"}`;
  const next = pending(card, layer);
  if (next === "updating") return `${layer.runs} → ${layer.wants}, updating`;
  return next ? `${layer.runs} → ${layer.wants} at the next start` : String(layer.runs);
}

function slab(store: Store, card: Card, layer: SessionLayer): TemplateResult {
  const late = behind(store.board, card, layer);
  const conflicts = layer.conflicts.length
    ? html`<details class="slab-note"><summary>${layer.conflicts.length === 1 ? "1 file" : `${layer.conflicts.length} files`} changed on both sides: yours stayed</summary>
        <ul>${layer.conflicts.map((path) => html`<li><code>${path}</code></li>`)}</ul>
        <p>The project’s are in <code>/workspace/.vibenv/incoming</code>.</p></details>`
    : nothing;
  return html`<li class="slab" data-kind=${layer.kind} data-pending=${pending(card, layer) ?? nothing} data-behind=${late ? "true" : nothing}>
    <div class="slab-line">
      <span class="slab-kind">${KIND_WORDS[layer.kind]}</span><strong>${layer.name}</strong>
      <span class="slab-version">${versionWords(card, layer)}</span>
      ${late ? html`<span class="slab-behind">${late} behind</span>` : nothing}
      <span class="spacer"></span><span class="slab-size">${sizeWords(layer.size_bytes)}</span>
      ${mayEdit(store) ? html`<button type="button" class="icon-button" aria-label="What can be done with ${layer.name}" title="More" @click=${(event: Event) => showMenu(layer.name, event.currentTarget as Element, menuOf(store, card, layer))}>${icon("dots")}</button>` : nothing}
    </div>
    ${layer.problem ? html`<p class="slab-note" data-tone="warning">${layer.problem}</p>` : nothing} ${conflicts}
  </li>`;
}

function toAdd(store: Store, card: Card): MenuItem[] {
  const there = new Set(sessionLayers(card).filter((layer) => layer.wants !== null).map((layer) => layer.recipe));
  const profile = sessionLayers(card).some((layer) => layer.kind === "profile" && layer.wants !== null);
  const possible = store.board.recipes.filter((recipe) => !there.has(recipe.id) && recipe.latest !== null && (recipe.kind === "toolchain" || (recipe.kind === "profile" && !profile)));
  return possible.map((recipe) => ({ words: `${recipe.name} ${recipe.latest}`, icon: "plus" as const, action: () => void addLayer(store, card, recipe.id) }));
}

function buttons(store: Store, card: Card): TemplateResult | typeof nothing {
  if (!mayEdit(store)) return nothing;
  const late = isBehind(store.board, card);
  const more = (event: Event): void => {
    const adding = toAdd(store, card);
    const none: MenuItem = { words: "Make a toolchain…", icon: "layers", action: `/b/${store.board.id}/layers#new` };
    showMenu("Add a layer", event.currentTarget as Element, [adding, [none]]);
  };
  return html`<p class="slab-buttons">
    ${late ? html`<button type="button" class="button small primary" @click=${() => void updateCard(store, card)}>Update</button>` : nothing}
    ${waitsForStart(card) ? html`<button type="button" class="button small" @click=${() => void restart(store, card)}>Restart now…</button>` : nothing}
    ${card.session && sessionLayers(card).length ? html`<button type="button" class="button small quiet" @click=${more}>${icon("plus")}Add toolchain…</button>` : nothing}
    <button type="button" class="button small quiet" @click=${() => void stackDialog(store, card)}>${icon("layers")}${card.stack === store.board.stack.id ? "Stack of its own…" : "Its own stack…"}</button>
  </p>`;
}

export function layersSection(store: Store, first: Card): SheetSection {
  const element = document.createElement("section");
  element.className = "sheet-section layers-section";
  element.setAttribute("aria-label", "Layers");
  let card = first;
  const draw = (): void => {
    const layers = [...sessionLayers(card)].reverse();
    const none = html`<p class="sheet-none">Its session gets the ${card.stack === store.board.stack.id ? "board’s" : "card’s own"} stack when it starts.</p>`;
    const lacking = missing(store.board, card).map((recipe) => html`<li class="slab" data-kind=${recipe.kind} data-pending="true"><div class="slab-line">
      <span class="slab-kind">${KIND_WORDS[recipe.kind]}</span><strong>${recipe.name}</strong><span class="slab-version">new in the stack, comes with an update</span></div></li>`);
    const own = html`<li class="slab" data-kind="session"><div class="slab-line"><span class="slab-kind">Session</span><strong>What was written here</strong></div></li>`;
    render(
      html`<header><h3>Layers</h3></header>
        ${layers.length ? html`<ol class="slabs">${own}${lacking}${layers.map((layer) => slab(store, card, layer))}</ol>` : none}
        ${buttons(store, card)}`,
      element,
    );
  };
  draw();
  return { element, changed: (now) => ((card = now), draw()) };
}
