/** Telling the user that terminals wait: a count in the title, and the browser's own notifications for who asked for them. */

import { waitingOn, waits, waitsFor } from "../model/attention";
import type { Store } from "../model/store";
import type { MenuItem } from "../ui/menu";
import { toast } from "../ui/toast";

const concerns = (store: Store): number =>
  store.board.columns.flatMap((column) => column.cards).filter((card) => waits(card) || store.mentionedOn(card.id)).length;

const supported = (): boolean => "Notification" in window;

export class Attention {
  /** Cards that wait, and what for; those that waited already when the page came are no news. */
  #known: Map<string, string>;

  constructor(
    readonly store: Store,
    readonly open: (card: string) => void,
  ) {
    this.#known = this.#now();
  }

  /** What stands before the page's title. */
  badge(): string {
    const count = concerns(this.store);
    return count ? `(${count}) ` : "";
  }

  /** After a change: notify of what has begun to wait, unless the user looks at the page. */
  look(): void {
    const now = this.#now();
    for (const [card, words] of now) if (this.#known.get(card) !== words) this.#notify(card, words);
    this.#known = now;
  }

  #now(): Map<string, string> {
    return new Map(waitingOn(this.store.board).map((card) => [card.id, waitsFor(card)]));
  }

  #notify(card: string, words: string): void {
    if (!supported() || Notification.permission !== "granted" || document.hasFocus()) return;
    const shown = new Notification(this.store.card(card)?.title ?? "vibenv", { body: words, tag: card });
    shown.onclick = () => {
      window.focus();
      this.open(card);
      shown.close();
    };
  }
}

async function askLeave(store: Store): Promise<void> {
  const answer = await Notification.requestPermission();
  store.setUi({});
  if (answer === "granted") toast({ tone: "info", title: "You’ll be told when a terminal waits and you look elsewhere." });
  else toast({ tone: "info", title: "The browser doesn’t allow it.", detail: "The count in the page’s title still tells. To change it, open the browser’s settings for this site." });
}

/** For the menu: only a click may ask the browser for leave. */
export function notifyItems(store: Store): MenuItem[] {
  if (!supported() || Notification.permission === "granted") return [];
  return [{ words: "Notify me when a terminal waits…", icon: "bell", action: () => void askLeave(store) }];
}
