"""Who somebody is to others in a terminal: a person, or an agent that acts for one."""

from __future__ import annotations

from django.contrib.auth.models import User

from boards import people, scopes
from boards.palette import colours_for
from boards.people import PersonJson
from sessions.ids import new_id
from sessions.protocol import Kind, Participant, Role
from sessions.terminal.actor import Actor


def kind_of(user: User, *, says_human: bool = False) -> Kind:
    """Who came by a token is an agent, but for a person at a command line: by a `cli` token, or their own that says so."""
    token = scopes.of(user)
    if token is None:
        return "human"
    if token.by_mcp or token.kind == "agent":
        return "agent"
    return "human" if token.kind == "cli" or says_human else "agent"


def face_of(user: User, kind: Kind) -> PersonJson:
    """Name, colour and initials, with the id of the member. An agent has the name of its token and a colour of its own."""
    person, token = people.person_json(user), scopes.of(user)
    if kind == "human" or token is None:
        return person
    if token.kind != "agent":
        return {**person, "name": f"{person['name']}\u2019s {'agent' if token.by_mcp else 'program'}"}
    colour = colours_for(token.name, [person["colour"]])[0]
    return {"id": person["id"], "name": token.name, "colour": colour, "initials": people.initials_of(token.name)}


def actor_of(user: User) -> Actor:
    """Who works by single calls. A person's token is taken for the person there: of the command line, of a script."""
    kind = kind_of(user, says_human=True)
    face = face_of(user, kind)
    return Actor(name=face["name"], kind=kind, user=face["id"], colour=face["colour"])


def participant_of(user: User, kind: Kind, role: Role) -> Participant:
    """Who comes by a socket."""
    face = face_of(user, kind)
    return Participant(
        id=new_id(),
        user=face["id"],
        name=face["name"],
        kind=kind,
        role=role,
        colour=face["colour"],
        initials=face["initials"],
    )
