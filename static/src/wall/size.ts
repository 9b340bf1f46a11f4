/** How large the tiles are; kept in this browser. */

import { html, type TemplateResult } from "lit-html";

const KEY = "vibenv.wall-size";
const SIZES = { s: "Small", m: "Medium", l: "Large" } as const;

export type TileSize = keyof typeof SIZES;

export function tileSize(): TileSize {
  const kept = localStorage.getItem(KEY) ?? "";
  return kept in SIZES ? (kept as TileSize) : "m";
}

export function sizeChoice(chosen: () => void): TemplateResult {
  const now = tileSize();
  const choose = (size: TileSize): void => {
    localStorage.setItem(KEY, size);
    chosen();
  };
  return html`<fieldset class="tile-sizes">
    <legend class="visually-hidden">Size of the tiles</legend>
    ${(Object.keys(SIZES) as TileSize[]).map((size) => html`<label title="${SIZES[size]} tiles">
      <input type="radio" name="tile-size" class="visually-hidden" .checked=${size === now} @change=${() => choose(size)} aria-label=${SIZES[size]} />
      <span aria-hidden="true">${size.toUpperCase()}</span>
    </label>`)}
  </fieldset>`;
}
