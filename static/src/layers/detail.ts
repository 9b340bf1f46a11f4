/** One recipe: what it says, its versions, where they run, and the log of the one that is looked at. */

import { html, nothing, type TemplateResult } from "lit-html";
import { KIND_WORDS, sizeWords } from "../model/layers";
import { mayEdit } from "../model/may";
import { api } from "../net/api";
import { ask, confirmDanger, field } from "../ui/dialog";
import { copied } from "../ui/copy";
import { icon } from "../ui/icons";
import { showMenu, type MenuItem } from "../ui/menu";
import { toast } from "../ui/toast";
import { stopwatch, uptime } from "../ui/time";
import type { Comparison } from "./compare";
import { stateWords } from "./list";
import type { BuildLog } from "./log";
import { told, type LayersState } from "./state";
import type { Recipe, Version } from "./types";

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

const ago = (iso: string): string => {
  const passed = uptime(Date.now() - Date.parse(iso));
  return passed === "just now" ? passed : `${passed} ago`;
};

async function build(state: LayersState, recipe: Recipe, fresh: boolean): Promise<void> {
  const before = recipe.newest?.number ?? 0;
  const made = await api.buildRecipe(recipe.id, { fresh }).catch(told(`Couldn’t build ${recipe.name}.`));
  await state.load();
  const version = made ? made.version : null;
  if (version && (version.number !== before || version.state === "building")) state.go({ recipe: recipe.id, version: version.number });
  else if (version) toast({ tone: "info", title: "Nothing changed, so nothing was built.", detail: `Version ${version.number} is what the recipe says. Build afresh takes newer packages.` });
}

async function buildWithReason(state: LayersState, recipe: Recipe): Promise<void> {
  const title = `Build ${recipe.name}`;
  const given = await ask(
    title,
    html`<h2>${title}</h2>${field("Why (others read it beside the version)", html`<input name="why" maxlength="200" autofocus autocomplete="off" />`)}
      <label class="choice"><input type="checkbox" name="fresh" /><span>Although nothing changed: newer packages may have come out.</span></label>
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary">Build</button></footer>`,
  );
  if (!given) return;
  const how = { why: String(given.get("why") ?? ""), fresh: given.get("fresh") === "on" };
  const made = await api.buildRecipe(recipe.id, how).catch(told(`Couldn’t build ${recipe.name}.`));
  await state.load();
  if (made?.version) state.go({ recipe: recipe.id, version: made.version.number });
}

async function remove(state: LayersState, recipe: Recipe): Promise<void> {
  const sure = await confirmDanger({ title: `Delete “${recipe.name}”?`, body: html`<p>Its versions and their logs go with it. It can’t be undone.</p>`, action: "Delete layer" });
  if (!sure) return;
  const gone = await api.deleteRecipe(recipe.id).then(() => true, (error: unknown) => (told(`Couldn’t delete ${recipe.name}.`)(error), false));
  if (gone) state.go({});
  await state.load();
}

/** Pinned to a version, or (null) at its latest; with `undefined` it is taken out of the stack. */
async function inStack(state: LayersState, recipe: Recipe, pinned: number | null | undefined): Promise<void> {
  const { stack, recipes } = state.store.board;
  const one = recipe.kind !== "toolchain";
  const kindOf = (id: number): string | undefined => recipes.find((each) => each.id === id)?.kind;
  const others = stack.layers.filter((layer) => layer.recipe !== recipe.id && !(one && pinned !== undefined && kindOf(layer.recipe) === recipe.kind));
  const layers = pinned === undefined ? others : [...others, { recipe: recipe.id, pinned }];
  const done = await api.putStack(state.store.board.id, { layers }).catch(told("Couldn’t change the stack."));
  if (done) state.store.putLayers({ recipes: state.store.board.recipes, stack: done });
  await state.load();
}

function head(state: LayersState, recipe: Recipe): TemplateResult {
  const building = recipe.newest?.state === "building" ? recipe.newest : null;
  const more = (event: Event): void => {
    const stack: MenuItem = recipe.in_stack
      ? { words: "Take it out of the board’s stack", icon: "minus", action: () => void inStack(state, recipe, undefined) }
      : { words: "Put it into the board’s stack", icon: "plus", action: () => void inStack(state, recipe, null) };
    showMenu(recipe.name, event.currentTarget as Element, [
      [{ words: "Build with a reason…", icon: "text", action: () => void buildWithReason(state, recipe) }, { words: "Build afresh", icon: "up", action: () => void build(state, recipe, true) }],
      [stack],
      [{ words: "Delete…", icon: "trash", action: () => void remove(state, recipe) }],
    ]);
  };
  const tools = html`<span class="detail-tools">
    ${recipe.in_stack || recipe.latest === null ? nothing : html`<button type="button" class="button small" @click=${() => void inStack(state, recipe, null)}>Put into the stack</button>`}
    <button type="button" class="button small" @click=${() => state.edit(recipe.id)}>${icon("edit")}Edit</button>
    ${building
      ? html`<button type="button" class="button small" @click=${() => void api.cancelBuild(building.id).catch(told("Couldn’t cancel it."))}>Cancel build</button>`
      : html`<button type="button" class="button small primary" ?disabled=${recipe.looking_up} @click=${() => void build(state, recipe, false)}>Build</button>`}
    <button type="button" class="icon-button" aria-label="More for ${recipe.name}" title="More" @click=${more}>${icon("dots")}</button>
  </span>`;
  return html`<header class="detail-head">
    <a class="icon-button detail-back" href="#" aria-label="All layers" @click=${(event: Event) => (event.preventDefault(), state.go({}))}>${icon("back")}</a>
    <h2>${recipe.name}</h2><span class="slab-kind">${KIND_WORDS[recipe.kind]}</span>
    ${stateWords(recipe) ? html`<span class="recipe-state" data-state=${recipe.looking_up ? "building" : recipe.state}>${stateWords(recipe)}</span>` : nothing}
    <span class="spacer"></span>${mayEdit(state.store) ? tools : nothing}
  </header>
  ${recipe.problem ? html`<p class="share-error" role="alert">${recipe.problem}</p>` : nothing}`;
}

function specView(recipe: Recipe): TemplateResult {
  const rows = Object.entries(recipe.spec).map(([key, value]) => {
    const words = Array.isArray(value) ? value.join(" ") : String(value);
    return html`<dt>${key}</dt><dd>${words.includes("\n") || words.length > 80 ? html`<pre class="log" tabindex="0">${words.trim()}</pre>` : html`<code>${words}</code>`}</dd>`;
  });
  return rows.length ? html`<dl class="spec">${rows}</dl>` : html`<p class="sheet-none">${recipe.kind === "base" ? "vibenv’s own base: a small Debian with git, curl and an editor." : "vibenv’s own profile."}</p>`;
}

const SIGNS: Record<Version["state"], string> = { building: "Building", ready: "Ready", failed: "Failed", cancelled: "Cancelled", none: "" };

function versionRow(state: LayersState, recipe: Recipe, version: Version): TemplateResult {
  const current = state.place.version === version.number && state.place.against === null;
  const pinned = state.store.board.stack.layers.some((layer) => layer.recipe === recipe.id && layer.pinned === version.number);
  const before = state.versions?.find((each) => each.number < version.number && each.state === "ready");
  const where = version.runs_in.length;
  const more = (event: Event): void => {
    const items: MenuItem[] = [
      { words: "Show its log", icon: "text", action: () => state.go({ recipe: recipe.id, version: version.number }) },
      ...(before && version.state === "ready" ? [{ words: `Compare with ${before.number}`, icon: "layers" as const, action: () => state.go({ recipe: recipe.id, version: version.number, against: before.number }) }] : []),
      { words: "Copy its digest", icon: "copy", action: () => void copied(version.digest, "Digest") },
    ];
    const pin: MenuItem[] = !mayEdit(state.store) || version.state !== "ready" ? [] : pinned
      ? [{ words: "Use the latest again", icon: "up", action: () => void inStack(state, recipe, null) }]
      : [{ words: "Use this one always", icon: "check", action: () => void inStack(state, recipe, version.number) }];
    const others = (state.versions ?? []).filter((each) => each.state === "ready" && each.id !== version.id && each.id !== before?.id).slice(0, 8);
    const compare = version.state === "ready" ? others.map((each): MenuItem => ({ words: `Compare with ${each.number}`, action: () => state.go({ recipe: recipe.id, version: version.number, against: each.number }) })) : [];
    showMenu(`Version ${version.number}`, event.currentTarget as Element, [items, pin, compare]);
  };
  const facts = [
    version.state === "building" ? (version.progress_text || "waiting") : ago(version.created_at),
    version.asked_by && `by ${version.asked_by}`,
    version.why,
    version.state === "ready" && version.duration_s !== null ? `built in ${stopwatch(version.duration_s * 1000)}` : "",
    version.builder,
    version.commit && `commit ${version.commit.slice(0, 8)}`,
  ].filter(Boolean);
  return html`<li class="version" data-state=${version.state} data-current=${current ? "true" : nothing}>
    <a href="#${recipe.id}/${version.number}" aria-current=${current ? "true" : nothing} @click=${(event: Event) => (event.preventDefault(), state.go({ recipe: recipe.id, version: version.number }))}>
      <span class="slab-line"><strong>${version.number}</strong>
        <span class="recipe-state" data-state=${version.state}>${SIGNS[version.state]}${version.progress === null ? "" : ` ${version.progress} %`}</span>
        ${pinned ? html`<span class="slab-behind">always used</span>` : nothing}
        <span class="spacer"></span><span class="slab-size">${sizeWords(version.size_bytes)}</span></span>
      <span class="version-facts">${facts.join(" · ")}</span>
    </a>
    <button type="button" class="icon-button" aria-label="More for version ${version.number}" title="More" @click=${more}>${icon("dots")}</button>
    ${where ? html`<p class="version-where">Runs in ${version.runs_in.slice(0, 12).map((each, at) => html`${at ? ", " : ""}<a href="/c/${each.card}">${each.title}</a>`)}${where > 12 ? ` and ${where - 12} more` : nothing}</p>` : nothing}
  </li>`;
}

function versions(state: LayersState, recipe: Recipe): TemplateResult {
  if (state.versionsFailed && !state.versions) {
    return html`<p class="share-error" role="alert">The versions could not be loaded: ${state.versionsFailed}</p>
      <p><button type="button" class="button small" @click=${() => void state.loadVersions(true)}>Try again</button></p>`;
  }
  if (state.versions === null) return html`<p class="sheet-none" role="status">Loading…</p>`;
  if (!state.versions.length) return html`<p class="sheet-none">Nothing was built yet.${mayEdit(state.store) ? " Press Build." : ""}</p>`;
  return html`<ol class="versions">${state.versions.map((version) => versionRow(state, recipe, version))}</ol>
    ${state.more ? html`<p><button type="button" class="button small quiet" @click=${() => void state.loadOlder()}>Older versions</button></p>` : nothing}`;
}

function lower(state: LayersState, recipe: Recipe, log: BuildLog, comparison: Comparison): TemplateResult | typeof nothing {
  const version = state.version;
  if (!version) return nothing;
  const against = state.versions?.find((each) => each.number === state.place.against);
  if (against) {
    const [was, now] = against.number < version.number ? [against, version] : [version, against];
    comparison.show(was, now);
    const ready = state.versions?.filter((each) => each.state === "ready") ?? [];
    const other = (name: string, at: Version, go: (number: number) => void): TemplateResult => html`<select aria-label=${name} @change=${(event: Event) => go(Number((event.currentTarget as HTMLSelectElement).value))}>
      ${ready.map((each) => html`<option value=${each.number} .selected=${each.id === at.id}>${each.number}</option>`)}</select>`;
    const go = (newer: number, older: number): void => state.go({ recipe: recipe.id, version: newer, against: newer === older ? null : older });
    return html`<section class="detail-lower" aria-label="Comparison"><header class="slab-line compared">
      <h3>What changed from</h3>${other("From version", was, (number) => go(now.number, number))}<h3>to</h3>${other("To version", now, (number) => go(number, was.number))}</header>${comparison.element}</section>`;
  }
  log.show(version);
  return html`<section class="detail-lower" aria-label="Log of version ${version.number}">
    <header class="slab-line"><h3>Log of version ${version.number}</h3>
      <button type="button" class="button small quiet digest" title="Copy the digest ${version.digest}" @click=${() => void copied(version.digest, "Digest")}><code>${version.digest.slice(0, 12)}</code></button>
      <span class="spacer"></span>
      <button type="button" class="button small quiet" @click=${() => void log.whole().then((text) => copied(text, "Log"), told("Couldn’t load the log."))}>${icon("copy")}Copy</button>
      <button type="button" class="button small quiet" @click=${() => void log.whole().then((text) => download(`${recipe.name}-${version.number}.log`, text), told("Couldn’t load the log."))}>Download</button></header>
    ${version.state === "failed" ? html`<p class="share-error" role="alert">${version.reason}</p>` : nothing}
    ${version.state === "cancelled" ? html`<p class="sheet-none">${version.reason || "It was cancelled, and nothing of it is kept but this log."}</p>` : nothing}
    ${log.element}
  </section>`;
}

export function detail(state: LayersState, recipe: Recipe, log: BuildLog, comparison: Comparison): TemplateResult {
  return html`<article class="layer-detail" aria-label=${recipe.name}>
    ${head(state, recipe)} ${specView(recipe)}
    <h3>Versions</h3>
    ${versions(state, recipe)} ${lower(state, recipe, log, comparison)}
  </article>`;
}
