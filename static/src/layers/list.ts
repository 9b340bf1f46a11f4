/** The board's recipes as they lie on each other, and the ways to more of them. */

import { html, nothing, type TemplateResult } from "lit-html";
import { KIND_WORDS, KINDS, sizeWords, type LayerKind } from "../model/layers";
import { mayEdit } from "../model/may";
import { icon } from "../ui/icons";
import { exportDialog } from "./exports";
import type { LayersState } from "./state";
import { tomlDialog } from "./toml";
import type { Recipe } from "./types";

export function stateWords(recipe: Recipe): string {
  if (recipe.looking_up) return "looking up its source";
  if (recipe.state === "building") return recipe.progress === null ? "building" : `building, ${recipe.progress} %`;
  if (recipe.state === "failed") return recipe.latest ? "latest build failed" : "failed";
  if (recipe.state === "cancelled") return recipe.latest ? "latest build cancelled" : "cancelled";
  return recipe.latest === null ? "not built yet" : "";
}

function row(state: LayersState, recipe: Recipe): TemplateResult {
  const words = stateWords(recipe);
  const current = state.place.recipe === recipe.id;
  const layer = state.store.board.stack.layers.find((each) => each.recipe === recipe.id);
  const stack = !recipe.in_stack ? "" : layer?.pinned ? `in the board’s stack, always ${layer.pinned}` : "in the board’s stack";
  const used = recipe.sessions === 1 ? "1 session" : `${recipe.sessions} sessions`;
  return html`<li>
    <a class="slab recipe" data-kind=${recipe.kind} data-state=${recipe.state} data-in-stack=${recipe.in_stack ? "true" : nothing} href="#${recipe.id}" aria-current=${current ? "true" : nothing}
      @click=${(event: Event) => (event.preventDefault(), state.go({ recipe: recipe.id }))}>
      <span class="slab-line">
        <strong>${recipe.name}</strong>
        ${recipe.latest === null ? nothing : html`<span class="slab-version">${recipe.latest}</span>`}
        <span class="spacer"></span><span class="slab-size">${sizeWords(recipe.latest_size_bytes)}</span>
      </span>
      <span class="recipe-note">${words ? html`<span class="recipe-state" data-state=${recipe.looking_up ? "building" : recipe.state}>${words}</span>` : nothing}${stack ? html`<span class="in-stack">${stack}</span>` : nothing}${recipe.sessions ? html`<span>${used}</span>` : nothing}</span>
    </a>
  </li>`;
}

const NOTHING: Record<LayerKind, string> = {
  profile: "No profile",
  toolchain: "No toolchains yet",
  project: "No project yet",
  base: "No base",
};

export function recipeList(state: LayersState): TemplateResult {
  const recipes = state.recipes ?? [];
  const group = (kind: LayerKind): TemplateResult => {
    const found = recipes.filter((recipe) => recipe.kind === kind);
    return html`<section aria-label=${KIND_WORDS[kind]}>
      <h2>${KIND_WORDS[kind]}${kind === "toolchain" ? "s" : ""}</h2>
      ${found.length ? html`<ul class="recipes">${found.map((recipe) => row(state, recipe))}</ul>` : html`<p class="sheet-none">${NOTHING[kind]}</p>`}
    </section>`;
  };
  const edit = mayEdit(state.store);
  return html`<nav class="layers-list" aria-label="Layers of the board">
    ${edit ? html`<button type="button" class="button primary" @click=${() => state.edit("new")}>${icon("plus")}New layer</button>` : nothing}
    ${KINDS.map(group)}
    <div class="layers-more">
      <button type="button" class="button small quiet" @click=${() => tomlDialog(state)}>${icon("text")}vibenv.toml…</button>
      <button type="button" class="button small quiet" @click=${() => exportDialog(state)}>${icon("forward")}Export as an image…</button>
    </div>
  </nav>`;
}
