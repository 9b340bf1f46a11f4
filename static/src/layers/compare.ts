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

function files({ files: found }: Differences): TemplateResult {
  if (found.state === "preparing") return html`<p class="sheet-none" role="status">Listing the files…</p>`;
  if (found.state === "unavailable") return html`<p class="sheet-none">The files of one of them can’t be listed any more: nobody uses it, so its image was removed.</p>`;
  const counts = `${found.added} added, ${found.removed} removed, ${found.changed} changed`;
  return html`<p>${counts}</p>
    <div class="file-changes" tabindex="0" role="region" aria-label="Files"><table><tbody>${found.entries.map(fileRow)}</tbody></table></div>`;
}

function view(found: Differences): TemplateResult {
  const [was, now] = found.size_bytes;
  const grown = was !== null && now !== null ? now - was : 0;
  return html`<h3>Recipe</h3>
    ${found.spec.length ? html`<pre class="log spec-changes" tabindex="0">${found.spec.map(specLine)}</pre>` : html`<p class="sheet-none">The recipe is the same.</p>`}
    <h3>Size</h3>
    <p>${sizeWords(was) || "unknown"} → ${sizeWords(now) || "unknown"}${grown ? ` (${grown > 0 ? "+" : "−"}${sizeWords(Math.abs(grown))})` : nothing}</p>
    <h3>Files</h3>
    ${files(found)}`;
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

  async #load(was: Version, now: Version, key: string): Promise<void> {
    try {
      const found = await api.differences(was.id, now.id);
      if (key !== this.#shown) return;
      render(view(found), this.element);
      if (found.files.state === "preparing") setTimeout(() => key === this.#shown && void this.#load(was, now, key), AGAIN_MS);
    } catch (error) {
      render(html`<p class="share-error" role="alert">${error instanceof Error ? error.message : String(error)}</p>`, this.element);
    }
  }
}
