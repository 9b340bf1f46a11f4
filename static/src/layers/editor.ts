/** A recipe being written: what is typed is kept by the browser until it is saved. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { KIND_WORDS, KINDS, type LayerKind } from "../model/layers";
import { confirmDanger } from "../ui/dialog";
import { api, ApiError } from "../net/api";
import { uploadFolder } from "../net/upload";
import { fieldOf, SOURCES, sourceOf, specOf, type Source } from "./fields";
import type { LayersState } from "./state";
import type { Ready, Recipe, Spec } from "./types";

const PLACEHOLDERS: Record<string, string> = {
  git: "https://example.org/me/project.git",
  ref: "main",
  image: "debian:12",
  version: "3.12",
  packages: "ripgrep jq postgresql-client",
  script: "mkdir -p $PREFIX/bin\n…",
};
const SETUP: Record<LayerKind, string> = { base: "# runs as root, in /", profile: "", toolchain: "", project: "npm ci" };

export class Editor {
  readonly element = document.createElement("div");
  #for: number | "new" | null = null;
  #kind: LayerKind | null = null;
  #source: Source = "script";
  #name = "";
  #spec: Spec = {};
  #catalogue: Ready[] = [];
  #refusal: [string, string] = ["", ""];
  #busy = false;
  #dirty = false;
  #note = "";
  #restored = false;

  constructor(readonly state: LayersState) {
    this.element.className = "layer-editor";
    this.element.addEventListener("input", () => ((this.#dirty = true), this.#remember()));
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
  }

  get dirty(): boolean {
    return this.#dirty && this.#for !== null && this.#for === this.state.editing;
  }

  show(what: number | "new"): void {
    if (what === this.#for && this.element.childElementCount) return;
    this.#for = what;
    this.#refusal = ["", ""];
    this.#note = "";
    this.#dirty = this.#restored = false;
    const recipe = this.state.recipes?.find((each) => each.id === what);
    this.#begin(recipe ? recipe.kind : null, recipe?.name ?? "", recipe?.spec ?? {});
    if (what === "new") void api.catalogue(this.state.store.board.id).then((found) => ((this.#catalogue = found), this.#draw()), () => undefined);
    this.#restore();
    this.#draw();
  }

  #begin(kind: LayerKind | null, name: string, spec: Spec): void {
    this.#kind = kind;
    this.#name = name;
    this.#spec = spec;
    if (kind) this.#source = sourceOf(kind, spec);
  }

  // what is typed outlives a reload -------------------------------------------------------------------
  get #key(): string {
    return `vibenv:recipe:${this.state.store.board.id}:${this.#for}`;
  }

  #remember(): void {
    const form = this.element.querySelector("form");
    if (!form || !this.#kind) return;
    const fields = new FormData(form);
    const kept = { kind: this.#kind, name: String(fields.get("name") ?? ""), spec: specOf(this.#kind, this.#source, fields), source: this.#source };
    sessionStorage.setItem(this.#key, JSON.stringify(kept));
  }

  #restore(): void {
    const kept = sessionStorage.getItem(this.#key);
    if (!kept) return;
    const { kind, name, spec, source } = JSON.parse(kept) as { kind: LayerKind; name: string; spec: Spec; source: Source };
    this.#begin(kind, name, spec);
    this.#source = source;
    this.#dirty = true;
    this.#note = "What you had written is here again.";
    this.#restored = true;
  }

  #forget(): void {
    sessionStorage.removeItem(this.#key);
    this.#dirty = false;
  }

  // saving --------------------------------------------------------------------------------------------
  async #save(build: boolean): Promise<void> {
    const form = this.element.querySelector("form");
    if (!form || !this.#kind || this.#busy || !form.reportValidity()) return;
    this.#busy = true;
    this.#draw();
    const fields = new FormData(form);
    const [name, spec] = [String(fields.get("name") ?? "").trim(), specOf(this.#kind, this.#source, fields)];
    try {
      const saved = await this.#send(name, spec, build);
      this.#forget();
      this.#for = null;
      await this.state.load();
      this.state.go({ recipe: saved.id, version: build ? (saved.newest?.number ?? null) : null });
    } catch (error) {
      this.#spec = spec;
      this.#name = name;
      this.#refusal = error instanceof ApiError ? fieldOf(error.message) : ["", String(error)];
    }
    this.#busy = false;
    this.#draw();
    this.element.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }

  #send(name: string, spec: Spec, build: boolean): Promise<Recipe> {
    if (this.#for === "new") return api.createRecipe(this.state.store.board.id, { kind: this.#kind ?? "toolchain", name, spec, build });
    return api.editRecipe(this.#for ?? 0, { name, spec, build });
  }

  async #cancel(): Promise<void> {
    const back = this.#for;
    const lost = html`<p>What you have written here is not saved.</p>`;
    if (this.dirty && !(await confirmDanger({ title: "Leave it out?", body: lost, action: "Leave it out" }))) return;
    this.#forget();
    this.#for = null;
    this.state.go(typeof back === "number" ? { recipe: back } : {});
  }

  /** Begin again from what is saved. */
  #startOver(): void {
    const what = this.#for;
    this.#forget();
    this.#for = null;
    if (what !== null) this.show(what);
  }

  // fields --------------------------------------------------------------------------------------------
  #invalid(name: string): "true" | typeof nothing {
    return this.#refusal[0] === name ? "true" : nothing;
  }

  #field(name: string, words: string | TemplateResult, input: TemplateResult): TemplateResult {
    const wrong = this.#refusal[0] === name ? html`<small class="share-error" role="alert">${this.#refusal[1]}</small>` : nothing;
    return html`<label class="field"><span>${words}</span>${input}${wrong}</label>`;
  }

  #line(name: string, words: string, required = false): TemplateResult {
    const value = this.#spec[name];
    const shown = Array.isArray(value) ? value.join(" ") : String(value ?? "");
    return this.#field(name, words, html`<input name=${name} autocomplete="off" spellcheck="false" placeholder=${PLACEHOLDERS[name] ?? ""} ?required=${required} aria-invalid=${this.#invalid(name)} .value=${shown} />`);
  }

  #area(name: string, words: string | TemplateResult, rows: number, required = false, hint = PLACEHOLDERS[name] ?? ""): TemplateResult {
    return this.#field(name, words, html`<textarea class="code" name=${name} rows=${rows} spellcheck="false" placeholder=${hint} ?required=${required} aria-invalid=${this.#invalid(name)} .value=${String(this.#spec[name] ?? "")}></textarea>`);
  }

  #upload(): TemplateResult {
    const digest = String(this.#spec["files"] ?? "");
    const give = (file: File | undefined): void => {
      if (!file) return;
      this.#refusal = ["", ""];
      this.#note = `Uploading ${file.name}…`;
      this.#draw();
      void uploadFolder(this.state.store.board.id, file).then(
        (done) => {
          this.#spec = { ...this.#spec, files: done.digest };
          this.#note = `${file.name}: ${done.files} files.`;
          this.#dirty = true;
          this.#draw();
          this.#remember();
        },
        (error: Error) => ((this.#refusal = fieldOf(error.message)), (this.#note = ""), this.#draw()),
      );
    };
    const chosen = (event: Event): void => give((event.currentTarget as HTMLInputElement).files?.[0]);
    const mark = (event: Event, on: boolean): void => void (event.currentTarget as HTMLElement).toggleAttribute("data-over", on);
    const over = (event: DragEvent): void => (event.preventDefault(), mark(event, true));
    const out = (event: DragEvent): void => mark(event, false);
    const dropped = (event: DragEvent): void => (event.preventDefault(), mark(event, false), give(event.dataTransfer?.files[0]));
    return html`<input type="hidden" name="files" .value=${digest} />
      ${this.#field("files", digest ? "Folder (given; choose another to change it)" : "Folder, packed as .tar, .tar.gz or .zip", html`<input type="file" accept=".tar,.gz,.tgz,.xz,.zip" @change=${chosen} />`)}
      <p class="drop-here" @dragover=${over} @dragleave=${out} @drop=${dropped}>or drop it here</p>`;
  }

  #sourceFields(): TemplateResult {
    switch (this.#source) {
      case "packages":
        return this.#line("packages", "Packages, besides the usual ones");
      case "image":
        return this.#line("image", "Image", true);
      case "default":
        return html`<p class="sheet-none">A quick prompt with git’s branch, aliases, sensible git settings, and marks by which the terminal knows commands.</p>`;
      case "git":
        return html`${this.#line("git", "Repository", true)}${this.#line("ref", "Branch, tag or commit (the usual branch when empty)")}`;
      case "files":
        return this.#upload();
      case "use": {
        const now = String(this.#spec["use"] ?? "python");
        const options = ["python", "node", "go", "rust"].map((each) => html`<option value=${each} ?selected=${each === now}>${each}</option>`);
        return html`${this.#field("use", "Toolchain", html`<select name="use">${options}</select>`)}${this.#line("version", "Version (the newest when empty)")}`;
      }
      case "script":
        return this.#area("script", html`Script. <small>It runs as root and fills $PREFIX: programs go to $PREFIX/bin, what shells are to know to $PREFIX/env.sh.</small>`, 12, true);
    }
  }

  #more(kind: LayerKind): TemplateResult | typeof nothing {
    if (kind === "base") return nothing;
    const limited = ["network", "timeout_s", "size_limit_mb"].some((name) => name in this.#spec || this.#refusal[0] === name);
    return html`<details ?open=${limited}><summary>More</summary>
      ${this.#field("network", "Network", html`<select name="network"><option value="on">allowed</option><option value="off" ?selected=${this.#spec["network"] === false}>none</option></select>`)}
      ${this.#line("timeout_s", "At most so many seconds (1800)")}${this.#line("size_limit_mb", "At most so many MB (4096)")}
    </details>`;
  }

  // drawing -------------------------------------------------------------------------------------------
  #choose(): TemplateResult {
    const pick = (kind: LayerKind, name: string, spec: Spec) => (): void => {
      const taken = this.state.recipes?.some((recipe) => recipe.kind === kind && recipe.name === name) ?? false;
      this.#begin(kind, taken ? `${name}-2` : name, spec);
      this.#draw();
      this.element.querySelector<HTMLInputElement>("input[name=name]")?.select();
    };
    const ready = (each: Ready): TemplateResult => html`<button type="button" class="ready slab" data-kind=${each.kind} @click=${pick(each.kind, each.name, each.spec)}>
      <strong>${each.title}</strong><span>${each.about}</span></button>`;
    const own = (kind: LayerKind, words: string): TemplateResult => html`<button type="button" class="ready slab" data-kind=${kind} @click=${pick(kind, kind === "toolchain" ? "" : kind, kind === "toolchain" ? { script: "" } : kind === "project" ? { git: "" } : {})}><strong>${words}</strong></button>`;
    const group = (kind: LayerKind): TemplateResult => html`<div><h3>${KIND_WORDS[kind]}</h3><div class="readies">
      ${this.#catalogue.filter((each) => each.kind === kind).map(ready)}
      ${kind === "project" ? own(kind, "A repository or folder…") : kind === "toolchain" ? own(kind, "A script of my own…") : kind === "base" ? own(kind, "Something else…") : own(kind, "My dotfiles…")}
    </div></div>`;
    return html`<h2>New layer</h2><p class="sheet-none">Each layer has a directory of its own, so they never conflict, and each is renewed by itself.</p>${KINDS.map(group)}
      <p><button type="button" class="button" @click=${() => void this.#cancel()}>Cancel</button></p>`;
  }

  #form(kind: LayerKind): TemplateResult {
    const sources = SOURCES[kind];
    const changeSource = (event: Event): void => {
      const form = this.element.querySelector("form");
      if (form) this.#spec = { ...this.#spec, ...specOf(kind, this.#source, new FormData(form)) };
      this.#source = (event.currentTarget as HTMLSelectElement).value as Source;
      this.#draw();
    };
    const name = html`<input name="name" required maxlength="40" pattern="[a-z][a-z0-9\\-]*" title="Small letters, digits and dashes, a letter first" autocomplete="off" aria-invalid=${this.#invalid("name")} .value=${this.#name} />`;
    const general = this.#refusal[1] && !this.element.querySelector(`[name="${this.#refusal[0]}"]`) ? html`<p class="share-error" role="alert">${this.#refusal[0] ? `${this.#refusal[0]}: ` : ""}${this.#refusal[1]}</p>` : nothing;
    return html`<form @submit=${(event: Event) => (event.preventDefault(), void this.#save(true))}>
      <h2>${this.#for === "new" ? `New ${KIND_WORDS[kind].toLowerCase()}` : `Edit ${this.#name}`}</h2>
      ${this.#note ? html`<p class="sheet-none" role="status">${this.#note}${this.#restored ? html` <button type="button" class="button small quiet" @click=${() => this.#startOver()}>Start over</button>` : nothing}</p>` : nothing}
      ${this.#field("name", "Name", name)}
      ${sources.length > 1 ? html`<label class="field"><span>Made of</span><select @change=${changeSource}>${sources.map(([value, words]) => html`<option value=${value} ?selected=${value === this.#source}>${words}</option>`)}</select></label>` : nothing}
      ${this.#sourceFields()}
      ${kind === "toolchain" ? nothing : this.#area("setup", "Set-up, run afterwards", 4, false, SETUP[kind])}
      ${this.#more(kind)} ${general}
      <p class="slab-buttons">
        <button type="submit" class="button primary" ?disabled=${this.#busy}>Save and build</button>
        <button type="button" class="button" ?disabled=${this.#busy} @click=${() => void this.#save(false)}>Save</button>
        <button type="button" class="button quiet" @click=${() => void this.#cancel()}>Cancel</button>
      </p>
    </form>`;
  }

  #draw(): void {
    render(this.#kind ? this.#form(this.#kind) : this.#choose(), this.element);
  }
}
