/** A button with a menu, on the browser's own popover: Escape, the way back of the focus and "click elsewhere" come with it. */

import { html, nothing, type TemplateResult } from "lit-html";
import { icon, type IconName } from "./icons";

export interface MenuItem {
  words: string;
  icon?: IconName;
  /** A function, or the address it leads to. */
  action: (() => void) | string;
  current?: boolean;
}

const GAP_PX = 4;
const EDGE_PX = 8;

/** Below its button, and within the window. For a popover's `toggle` to open. */
export function place(menu: HTMLElement): void {
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`)?.getBoundingClientRect();
  if (!button) return;
  const { width, height } = menu.getBoundingClientRect();
  const fits = button.bottom + GAP_PX + height + EDGE_PX <= innerHeight;
  menu.style.left = `${Math.max(EDGE_PX, Math.min(button.left, innerWidth - width - EDGE_PX))}px`;
  menu.style.top = `${fits ? button.bottom + GAP_PX : Math.max(EDGE_PX, button.top - GAP_PX - height)}px`;
}

function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step) return;
  const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("a, button")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
  event.preventDefault();
}

function itemView(item: MenuItem, first: boolean): TemplateResult {
  const words = html`${item.icon ? icon(item.icon) : nothing}${item.words}`;
  const action = item.action;
  if (typeof action === "string") {
    return html`<a href=${action} ?autofocus=${first} aria-current=${item.current ? "page" : nothing}>${words}</a>`;
  }
  const chosen = (event: Event): void => {
    (event.currentTarget as HTMLElement).closest<HTMLElement>("[popover]")?.hidePopover(); // first: it gives the focus back
    action();
  };
  return html`<button ?autofocus=${first} @click=${chosen}>${words}</button>`;
}

/** `id` is the menu's, one in the page. Groups are set apart by a line. */
export function menuButton(id: string, label: string, sign: IconName | TemplateResult, groups: MenuItem[][]): TemplateResult {
  const opened = (event: Event): void => {
    if ((event as ToggleEvent).newState === "open") place(event.currentTarget as HTMLElement);
  };
  return html`<button class="icon-button" popovertarget=${id} aria-label=${label} title=${label}>${typeof sign === "string" ? icon(sign) : sign}</button>
    <nav id=${id} class="menu" popover aria-label=${label} @toggle=${opened} @keydown=${walk}>
      ${groups.filter((group) => group.length).map((group, at) => html`<div>${group.map((item, n) => itemView(item, at + n === 0))}</div>`)}
    </nav>`;
}
