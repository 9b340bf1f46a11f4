"""The HTTP API of share links: a thin adapter over `links` and `access`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from boards import access, limits, links
from boards.caller import FAULTS, user_of
from boards.present import link_json, link_url
from boards.schemas import LinkIn, LinkOut, NewLinkOut

router = Router(tags=["links"])


@router.post("/cards/{card_id}/links", response={201: NewLinkOut, **FAULTS})
def create_link(request: HttpRequest, card_id: str, new: LinkIn) -> Any:
    """A link to this card's terminal and nothing else. Its `url` is told here only: what is stored is a hash."""
    user = user_of(request)
    card = access.card_of(user, card_id, access.Role.EDITOR)
    limits.hit(limits.NEW_LINK, str(user.pk))
    link, secret = links.create(card, user, role=new.role, expires_in_s=new.expires_in_s)
    return Status(201, {**link_json(link), "url": link_url(secret)})


@router.get("/cards/{card_id}/links", response={200: list[LinkOut], **FAULTS})
def list_links(request: HttpRequest, card_id: str) -> Any:
    """The links that work, the latest first."""
    return [link_json(link) for link in links.living(access.card_of(user_of(request), card_id, access.Role.EDITOR))]


@router.delete("/cards/{card_id}/links/{link_id}", response={204: None, **FAULTS})
def revoke_link(request: HttpRequest, card_id: str, link_id: str) -> Any:
    """End a link now; whoever is in the terminal by it is thrown out."""
    links.revoke(access.card_of(user_of(request), card_id, access.Role.EDITOR), link_id)
    return Status(204, None)
