/** Who is in this board, as what; for its owners also to change that, and to invite. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { mayOwn } from "../model/may";
import { changeRole, removeMember, roleName, ROLES } from "../model/people";
import type { Store } from "../model/store";
import type { Member, MemberRole } from "../model/types";
import { avatar } from "../ui/avatar";
import { ask, confirmDanger } from "../ui/dialog";
import { Invites } from "./invites";

async function remove(store: Store, member: Member): Promise<void> {
  const sure = await confirmDanger({
    title: `Remove ${member.name}?`,
    body: html`<p>The board and its terminals close to them at once, also where they have them open. Links that they made end. What they did stays.</p>`,
    action: "Remove",
  });
  if (sure) await removeMember(store, member);
}

async function leave(store: Store, member: Member): Promise<void> {
  const sure = await confirmDanger({
    title: `Leave “${store.board.name}”?`,
    body: html`<p>You see its cards and terminals no more, until one of its owners invites you again.</p>`,
    action: "Leave board",
  });
  if (sure && (await removeMember(store, member))) location.assign("/");
}

function roleChoice(store: Store, member: Member): TemplateResult {
  const chosen = (event: Event): void => void changeRole(store, member, (event.target as HTMLSelectElement).value as MemberRole);
  return html`<select class="select" aria-label="Role of ${member.name}" .value=${live(member.role)} @change=${chosen}>
    ${ROLES.map((each) => html`<option value=${each.role} title=${each.hint} ?selected=${each.role === member.role}>${each.name}</option>`)}
  </select>`;
}

/** What may be done with a member; of the last owner nothing, which the server would refuse as well. */
function controls(store: Store, member: Member): TemplateResult {
  const [me, owns] = [member.id === store.me.id, mayOwn(store)];
  const last = member.role === "owner" && store.board.members.filter((each) => each.role === "owner").length === 1;
  if (last) return html`<span class="member-role" title="Make somebody else an owner first, to leave or become less.">${owns ? "Only owner" : "Owner"}</span>`;
  const go = (): void => void (me ? leave(store, member) : remove(store, member));
  const label = me ? "Leave this board" : `Remove ${member.name}`;
  const button = html`<button type="button" class="button small quiet" aria-label=${label} @click=${go}>${me ? "Leave" : "Remove"}</button>`;
  return html`${owns ? roleChoice(store, member) : html`<span class="member-role">${roleName(member.role)}</span>`}${owns || me ? button : nothing}`;
}

function row(store: Store, member: Member): TemplateResult {
  return html`<li data-member=${member.id}>
    ${avatar(member, { title: "" })}
    <span class="member-words"><strong>${member.name}${member.id === store.me.id ? " (you)" : ""}</strong><small>@${member.username}</small></span>
    ${controls(store, member)}
  </li>`;
}

export function membersDialog(store: Store): void {
  const element = document.createElement("div");
  element.className = "members";
  element.dataset["testid"] = "members";
  const invites = mayOwn(store) ? new Invites(store.board.id) : null;
  const show = (): void => {
    render(html`<ul class="member-list" aria-label="Members">${store.board.members.map((member) => row(store, member))}</ul>
      ${mayOwn(store) && invites ? invites.element : nothing}`, element);
  };
  show();
  const forget = store.subscribe(show);
  const body = html`<h2>Members of “${store.board.name}”</h2>
    ${element}
    <footer><button type="button" class="button" data-close>Close</button></footer>`;
  void ask("Members", body).then(forget);
}
