/** Text in which addresses can be clicked. */

import { html, type TemplateResult } from "lit-html";

const ADDRESS = /(https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}])/i;

export function links(text: string): TemplateResult {
  const part = (words: string, at: number): TemplateResult | string =>
    at % 2 ? html`<a href=${words} target="_blank" rel="noopener noreferrer">${words}</a>` : words;
  return html`${text.split(ADDRESS).map(part)}`;
}
