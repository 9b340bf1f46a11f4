/** A link, or another secret, that is told this once: its QR code, its text, and a button that copies it. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { announce } from "./announce";

export class SecretLink {
  readonly element = document.createElement("section");
  #url = "";
  #copied = false;
  #qr: TemplateResult | typeof nothing = nothing;

  /** `name` is what it is called, `hint` what to do when it gets lost. */
  constructor(
    readonly name: string,
    readonly hint: string,
    readonly options: { qr: boolean } = { qr: true },
  ) {
    this.element.className = "share-new";
    this.element.setAttribute("aria-label", `The new ${name.toLowerCase()}`);
    this.hide();
  }

  async show(url: string): Promise<void> {
    this.#qr = this.options.qr ? await this.#code(url) : nothing;
    this.#url = url;
    this.#copied = false;
    this.element.hidden = false;
    this.#render();
    this.element.querySelector<HTMLElement>("[data-copy]")?.focus();
  }

  async #code(url: string): Promise<TemplateResult> {
    const { qrCode } = await import("./qr");
    return html`${qrCode(url, `QR code of the ${this.name.toLowerCase()}`)}`;
  }

  hide(): void {
    this.element.hidden = true;
  }

  async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.#url);
      this.#copied = true;
      announce(`${this.name} copied.`);
    } catch {
      this.element.querySelector<HTMLInputElement>(".share-url")?.select(); // no leave to write: ready for Ctrl+C
    }
    this.#render();
  }

  #render(): void {
    const select = (event: Event): void => (event.target as HTMLInputElement).select();
    const body = html`${this.#qr}
      <div class="share-words">
        <input class="share-url" readonly aria-label=${this.name} .value=${this.#url} @focus=${select} />
        <button type="button" class="button" data-copy @click=${() => void this.copy()}>${this.#copied ? "Copied" : `Copy ${this.name.toLowerCase()}`}</button>
        <small>${this.hint}</small>
      </div>`;
    render(body, this.element);
  }
}
