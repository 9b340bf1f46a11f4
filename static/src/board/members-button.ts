/** Leads to the members from the head of the page; to whoever is alone it says that others can be invited. */

import { html, nothing, type TemplateResult } from "lit-html";
import { mayOwn } from "../model/may";
import type { Store } from "../model/store";
import { icon } from "../ui/icons";
import { membersDialog } from "./members-dialog";

export function membersButton(store: Store): TemplateResult {
  const count = store.board.members.length;
  const label = count === 1 && mayOwn(store) ? "Invite people to this board" : `Members: ${count}`;
  return html`<button class="icon-button members-button" data-testid="members-button" aria-label=${label} title=${label} @click=${() => membersDialog(store)}>
    ${icon("invite")}${count > 1 ? html`<span aria-hidden="true">${count}</span>` : nothing}
  </button>`;
}
