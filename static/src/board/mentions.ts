/** Where the person is named in comments: fetched when the server says so, and told by a note. */

import type { Store } from "../model/store";
import type { Mention } from "../model/talk";
import { api } from "../net/api";
import { toast } from "../ui/toast";

type Open = (card: string) => void;

/** A card's details lie over the page, with its comments in them: they are read as they come. */
const reads = (card: string): boolean => document.visibilityState === "visible" && document.querySelector(`[data-sheet-card="${CSS.escape(card)}"]`) !== null;

export class Mentions {
  #fetching = false;
  #again = false;

  constructor(
    readonly store: Store,
    readonly open: Open,
  ) {}

  /** Asked for while it is under way, it is done once more after that. */
  async refetch(): Promise<void> {
    this.#again = true;
    if (this.#fetching) return;
    this.#fetching = true;
    while (this.#again) {
      this.#again = false;
      await this.#fetch().catch(() => undefined); // the next news, or the next page, tell it
    }
    this.#fetching = false;
  }

  async #fetch(): Promise<void> {
    const known = new Set(this.store.mentions.map((mention) => mention.comment));
    const found = await api.mentions();
    this.store.setMentions(found);
    for (const mention of found) if (!known.has(mention.comment) && !reads(mention.card)) this.#tell(mention);
  }

  #tell(mention: Mention): void {
    const here = mention.board === this.store.board.id;
    const open = (): void => (here && this.store.card(mention.card) ? this.open(mention.card) : location.assign(`/c/${mention.card}#details=${mention.card}`));
    toast({ tone: "info", title: `${mention.author?.name ?? "Somebody"} mentioned you on “${mention.title}”.`, detail: mention.excerpt, action: { words: "Open", run: open } });
  }
}
