/** What changed between two versions: the recipe, the size, the files. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { sizeWords } from "../model/layers";
import { api } from "../net/api";
import type { Differences, FileChange, Version } from "./types";

const AGAIN_MS = 700;
const SIGNS: Record<FileChange["change"], string> = { added: "+", removed: "−", changed: "~" };

const specLine = (line: string): TemplateResult =>
  html`<span data-sign=${line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : line.startsWith("@@") ? "place" : nothing}>${line}\n</span>`;

function fileRow(file: FileChange): TemplateResult {
  const size = file.change === "changed" ? `${sizeWords(file.was_bytes)} → ${sizeWords(file.bytes)}` : sizeWords(file.bytes ?? file.was_bytes);
  return html`<tr data-change=${file.change}><td><span class="visually-hidden">${file.change}</span><span aria-hidden="true">${SIGNS[file.change]}</span></td><td><code>${file.path}</code></td><td>${size}</td></tr>`;
}

function files({ files: found }: Differences, words: string, filter: (words: string) => void): TemplateResult {
  if (found.state === "preparing") return html`<p class="sheet-none" role="status">Listing the files…</p>`;
  if (found.state === "unavailable") return html`<p class="sheet-none">The files of one of them can’t be listed any more: nobody uses it, so its image was removed.</p>`;
  const counts = `${found.added} added, ${found.removed} removed, ${found.changed} changed`;
  const shown = found.entries.filter((file) => file.path.toLowerCase().includes(words.toLowerCase()));
  const all = found.added + found.removed + found.changed;
  const typed = (event: Event): void => filter((event.currentTarget as HTMLInputElement).value);
  if (!all) return html`<p class="sheet-none">The files are the same.</p>`;
  return html`<p class="slab-line"><span>${counts}${all > found.entries.length ? `; the ${found.entries.length} largest are shown` : ""}</span><span class="spacer"></span>
      ${found.entries.length > 1 ? html`<input type="search" class="file-filter" placeholder="Filter" aria-label="Filter the files" .value=${words} @input=${typed} />` : nothing}</p>
    ${shown.length ? nothing : html`<p class="sheet-none" role="status">No changed file has this in its path.</p>`}
    <div ?hidden=${!shown.length} class="file-changes" tabindex="0" role="region" aria-label="Files"><table><tbody>${shown.map(fileRow)}</tbody></table></div>`;
}

function view(found: Differences, words: string, filter: (words: string) => void): TemplateResult {
  const [was, now] = found.size_bytes;
  const grown = was !== null && now !== null ? now - was : 0;
  return html`<h3>Recipe</h3>
    ${found.spec.length ? html`<pre class="log spec-changes" tabindex="0">${found.spec.map(specLine)}</pre>` : html`<p class="sheet-none">The recipe is the same.</p>`}
    <h3>Size</h3>
    <p>${sizeWords(was) || "unknown"} → ${sizeWords(now) || "unknown"}${grown ? ` (${grown > 0 ? "+" : "−"}${sizeWords(Math.abs(grown))})` : nothing}</p>
    <h3>Files</h3>
    ${files(found, words, filter)}`;
}

export class Comparison {
  readonly element = document.createElement("div");
  #shown = "";

  constructor() {
    this.element.className = "version-diff";
  }

  show(was: Version, now: Version): void {
    const key = `${was.id}/${now.id}`;
    if (key === this.#shown) return;
    this.#shown = key;
    render(html`<p class="sheet-none" role="status">Comparing…</p>`, this.element);
    void this.#load(was, now, key);
  }

  #draw(found: Differences, words: string): void {
    render(view(found, words, (typed) => this.#draw(found, typed)), this.element);
  }

  async #load(was: Version, now: Version, key: string): Promise<void> {
    try {
      const found = await api.differences(was.id, now.id);
      if (key !== this.#shown) return;
      this.#draw(found, "");
      if (found.files.state === "preparing") setTimeout(() => key === this.#shown && void this.#load(was, now, key), AGAIN_MS);
    } catch (error) {
      render(html`<p class="share-error" role="alert">${error instanceof Error ? error.message : String(error)}</p>`, this.element);
    }
  }
}
