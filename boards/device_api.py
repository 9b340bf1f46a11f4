"""The HTTP API by which a command line logs in: called by nobody yet, so limited by address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema, Status

from boards import devices, limits
from boards.people import PersonJson, person_json
from boards.schemas import PersonOut, Problem

router = Router(tags=["log in"], auth=None)


class DeviceIn(Schema):
    name: str = "command line"


class DeviceOut(Schema):
    device_code: str
    user_code: str
    verification_url: str
    verification_url_complete: str
    interval_s: int
    expires_in_s: int


class DeviceCode(Schema):
    device_code: str


class WaitingOut(Schema):
    interval_s: int


class DeviceTokenOut(Schema):
    token: str
    user: PersonOut
    url: str


@router.post("/device", response={201: DeviceOut, 422: Problem, 429: Problem})
def begin_device_login(request: HttpRequest, given: DeviceIn) -> Any:
    """Begin to log a command line in: show its person `user_code` and `verification_url`, then ask `POST /device/token`."""
    limits.hit(limits.DEVICE, limits.address_of(request))
    login, secret = devices.begin(given.name, limits.address_of(request))
    page = f"{settings.PUBLIC_URL}/device"
    return Status(
        201,
        {
            "device_code": secret,
            "user_code": login.user_code,
            "verification_url": page,
            "verification_url_complete": f"{page}?{urlencode({'code': login.user_code})}",
            "interval_s": devices.INTERVAL_S,
            "expires_in_s": int(devices.LIFETIME.total_seconds()),
        },
    )


@router.post(
    "/device/token",
    response={200: DeviceTokenOut, 202: WaitingOut, 403: Problem, 410: Problem, 422: Problem, 429: Problem},
)
def fetch_device_token(request: HttpRequest, given: DeviceCode) -> Any:
    """202 while nobody answered: ask again after `interval_s`. Then the token, once; 403 after a no, 410 when it is too late."""
    limits.hit(limits.DEVICE_ASK, limits.address_of(request))
    found = devices.fetch(given.device_code)
    if found is None:
        return Status(202, {"interval_s": devices.INTERVAL_S})
    user, token = found
    person: PersonJson = person_json(user)
    return {"token": token, "user": person, "url": settings.PUBLIC_URL}
