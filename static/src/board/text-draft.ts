/** A text being written that others may change at the same time: nothing of either is lost. */

import { saveText } from "../model/actions";
import type { Store } from "../model/store";
import { toast } from "../ui/toast";

export class TextDraft {
  text = "";
  saving = false;
  /** The user is shown both versions. */
  comparing = false;
  /** What the editing began from; null while nothing is edited. */
  #base: string | null = null;

  constructor(
    readonly store: Store,
    readonly card: string,
    readonly field: "title" | "description",
    readonly changed: () => void,
  ) {}

  get now(): string {
    return this.store.card(this.card)?.[this.field] ?? "";
  }

  get editing(): boolean {
    return this.#base !== null;
  }

  get dirty(): boolean {
    return this.#base !== null && this.text.trim() !== this.#base.trim();
  }

  /** What somebody else made of it since the editing began. */
  get theirs(): string | null {
    return this.dirty && !this.saving && this.now !== this.#base && this.now !== this.text.trim() ? this.now : null;
  }

  begin(): void {
    if (this.editing) return;
    this.#base = this.text = this.now;
    this.changed();
  }

  typed(text: string): void {
    this.text = text;
    this.changed();
  }

  /** After a change of the board: an untouched text follows it. */
  follow(): void {
    if (this.editing && !this.dirty && !this.saving) this.#base = this.text = this.now;
    if (!this.theirs && !this.saving) this.comparing = false;
  }

  stop(): void {
    this.#base = null;
    this.comparing = false;
    this.changed();
  }

  compare(): void {
    this.comparing = true;
    this.changed();
  }

  /** Leave the text as it was, with a way back. */
  discard(): void {
    const { dirty, text } = this;
    this.stop();
    if (dirty) toast({ tone: "info", title: "Your changes were left out.", action: { words: "Undo", run: () => this.#restore(text) } });
  }

  /** True when nothing is left to save. */
  async save(): Promise<boolean> {
    const [base, text] = [this.#base, this.text.trim()];
    if (base === null || this.saving) return base === null;
    if (!this.dirty || (this.field === "title" && !text)) return this.stop(), true;
    this.saving = true;
    this.changed();
    const result = await saveText(this.store, this.card, this.field, text, base);
    this.saving = false;
    if (result === "saved") this.#base = text;
    if (result === "overtaken") this.comparing = true;
    if (result === "saved" && !this.dirty) this.stop();
    this.changed();
    return !this.editing;
  }

  /** Theirs is seen, and replaced by the text as it is here: mine, or both merged. */
  keepMine(): Promise<boolean> {
    this.#base = this.now;
    this.comparing = false;
    return this.save();
  }

  takeTheirs(): void {
    const text = this.text;
    this.stop();
    toast({ tone: "info", title: "Theirs is kept.", action: { words: "Back to mine", run: () => this.#restore(text) } });
  }

  #restore(text: string): void {
    this.begin();
    this.typed(text);
  }
}
