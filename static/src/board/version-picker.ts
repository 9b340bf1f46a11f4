/** Which version of a layer a session is to run, newer or older: going back is the same. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Version } from "../layers/types";
import { updateLayer } from "../model/layer-actions";
import { sizeWords, type SessionLayer } from "../model/layers";
import type { Store } from "../model/store";
import type { Card } from "../model/types";
import { api } from "../net/api";
import { serverNow } from "../net/clock";
import { ask } from "../ui/dialog";
import { uptime } from "../ui/time";

function ageWords(version: Version): string {
  const age = uptime(serverNow() - Date.parse(version.finished_at ?? version.created_at));
  return age === "just now" ? age : `${age} ago`;
}

function row(version: Version, layer: SessionLayer): TemplateResult {
  const words = [ageWords(version), sizeWords(version.size_bytes), version.asked_by && `by ${version.asked_by}`, version.why].filter(Boolean).join(" · ");
  return html`<label class="choice">
    <input type="radio" name="version" value=${version.number} ?checked=${version.number === (layer.wants ?? layer.runs)} />
    <span><strong>${version.number}</strong>${version.number === layer.runs ? html` <span class="version-now">runs now</span>` : nothing}<br />${words}</span>
  </label>`;
}

export async function pickVersion(store: Store, card: Card, layer: SessionLayer): Promise<void> {
  const title = `Version of ${layer.name}`;
  const versions = (await api.versions(layer.recipe).catch(() => [])).filter((version) => version.state === "ready");
  const chosen = await ask(
    title,
    html`<h2>${title}</h2>
      <fieldset class="choices version-choices"><legend class="visually-hidden">Versions that are ready</legend>
        ${versions.map((version) => row(version, layer))} ${versions.length ? nothing : html`<p>No version is ready.</p>`}
      </fieldset>
      <footer><button type="button" class="button" data-close>Cancel</button><button type="submit" class="button primary" ?disabled=${!versions.length}>Use it</button></footer>`,
  );
  const number = Number(chosen?.get("version") ?? 0);
  if (number && number !== layer.wants) await updateLayer(store, card, layer.recipe, number);
}
