/** The ten colours of people and labels, to choose one. */

import { html, nothing, type TemplateResult } from "lit-html";
import type { Colour } from "../model/types";
import { icon } from "./icons";

const COLOURS: readonly Colour[] = ["red", "orange", "amber", "green", "teal", "blue", "indigo", "purple", "pink", "grey"];

/** A field named `colour`. */
export function swatches(chosen: Colour, changed?: (colour: Colour) => void): TemplateResult {
  const swatch = (colour: Colour): TemplateResult => html`<label class="swatch" data-hue=${colour} title=${colour}>
    <input type="radio" name="colour" value=${colour} aria-label=${colour} ?checked=${colour === chosen} @change=${changed ? () => changed(colour) : nothing} />${icon("check")}
  </label>`;
  return html`<fieldset class="swatches"><legend>Colour</legend>${COLOURS.map(swatch)}</fieldset>`;
}
