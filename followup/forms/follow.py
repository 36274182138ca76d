"""What somebody wants to follow, and the form that asks for news by e-mail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.actions import Choice
from followup.models import Agency, Assignment, Following, Province, Subscriber
from followup.movements import Kind
from forum_portal.years import as_typed
from proposals.codes import parse_code
from proposals.models import Forum, Resolution

#: The kinds whose things are chosen one by one; their values are the names of the form's fields.
LISTED = (Kind.RESOLUTION, Kind.AGENCY, Kind.AREA)


@dataclass
class Wanted:
    """The things that some codes name, and sentences about those that name nothing."""

    everything: bool = False
    resolutions: list[Resolution] = field(default_factory=list)
    agencies: list[Agency] = field(default_factory=list)
    provinces: list[Province] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, data: QueryDict) -> Wanted:
        """Read a query or a form: `all`, `resolution=2565-3`, `agency=CODI`, `area=TH-50`."""
        asked = {kind: _codes(data, kind) for kind in LISTED}
        wanted = cls(bool(data.get(Kind.ALL)))
        by_code: dict[Kind, Mapping[str, Any]] = {
            Kind.RESOLUTION: _resolutions(asked[Kind.RESOLUTION]),
            Kind.AGENCY: _agencies(asked[Kind.AGENCY]),
            Kind.AREA: {
                each.iso: each for each in Province.objects.filter(iso__in=asked[Kind.AREA])
            },
        }
        into: dict[Kind, list[Any]] = {
            Kind.RESOLUTION: wanted.resolutions,
            Kind.AGENCY: wanted.agencies,
            Kind.AREA: wanted.provinces,
        }
        for kind, codes in asked.items():
            found = [by_code[kind][code] for code in codes if code in by_code[kind]]
            into[kind] += dict.fromkeys(found)
            wanted.unknown += [
                _("ไม่พบ%(kind)s “%(code)s” เลือกจากรายการ")
                % {"kind": _kind_name(kind), "code": as_typed(code)}
                for code in codes
                if code not in by_code[kind]
            ]
        return wanted

    @classmethod
    def by(cls, subscriber: Subscriber) -> Wanted:
        """What a subscriber follows; an agency that was merged is the one that it is in now."""
        wanted = cls(subscriber.follows_all)
        for each in followings_of(subscriber):
            if each.resolution:
                wanted.resolutions.append(each.resolution)
            elif each.agency:
                agency = each.agency.merged_into or each.agency
                if agency not in wanted.agencies:  # two that were merged since
                    wanted.agencies.append(agency)
            elif each.province:
                wanted.provinces.append(each.province)
        return wanted

    @property
    def choice(self) -> Choice:
        return Choice(self.everything, self.resolutions, self.agencies, self.provinces)

    @property
    def rows(self) -> list[Any]:
        """Everything that is named one by one."""
        return [*self.resolutions, *self.agencies, *self.provinces]


def followings_of(subscriber: Subscriber) -> list[Following]:
    rows = subscriber.followings.select_related(
        "resolution__forum", "agency__merged_into", "province"
    )
    return list(rows)


def _kind_name(kind: Kind) -> str:
    return settings.PORTAL_ITEM_NOUN if kind is Kind.RESOLUTION else str(kind.label)


def _codes(data: QueryDict, kind: Kind) -> list[str]:
    """The codes of a kind, without those that nobody can have chosen."""
    codes = (each.replace("\0", "").strip() for each in data.getlist(kind.value))
    return [each for each in dict.fromkeys(codes) if each]


def _resolutions(codes: Iterable[str]) -> dict[str, Resolution]:
    parsed = [code for code in map(parse_code, codes) if code and code.year and not code.clause]
    rows = Resolution.objects.select_related("forum").filter(
        forum__year_be__in={code.year for code in parsed},
        number__in={code.resolution for code in parsed},
    )
    return {each.full_code: each for each in rows}


def _agencies(codes: Sequence[str]) -> dict[str, Agency]:
    rows = Agency.objects.filter(code__in=codes).select_related("merged_into")
    return {each.code: each.merged_into or each for each in rows}


@dataclass(frozen=True)
class Option:
    """A checkbox of the form. `hint`: a resolution's number, an agency's abbreviation."""

    kind: Kind
    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class Options:
    """The checkboxes of the form: what is chosen stands first, and not among the others again.

    `forums`: the newest first, each with its resolutions.
    """

    everything: bool
    chosen: Sequence[Option]
    forums: Sequence[tuple[Forum, Sequence[Option]]]
    agencies: Sequence[Option]
    provinces: Sequence[Option]

    @classmethod
    def of(cls, wanted: Wanted) -> Options:
        """All resolutions and provinces, the agencies that answer, and what is chosen.

        A group stands for its members, unless one of them is chosen. Three queries.
        """
        chosen = list(map(_option, wanted.rows))
        forums: dict[Forum, list[Option]] = {}
        for each in Resolution.objects.for_display():
            if each not in wanted.resolutions:
                forums.setdefault(each.forum, []).append(_option(each))
        answering = Assignment.objects.as_given().values("agency")
        agencies = Agency.objects.standing().filter(pk__in=answering)
        agencies = agencies.exclude(pk__in=[each.pk for each in wanted.agencies])
        return cls(
            wanted.everything,
            chosen,
            list(forums.items())[::-1],
            list(map(_option, agencies.order_by("sort_key", "pk"))),
            [_option(each) for each in Province.objects.all() if each not in wanted.provinces],
        )


def _option(row: Resolution | Agency | Province) -> Option:
    if isinstance(row, Resolution):
        return Option(Kind.RESOLUTION, row.full_code, row.title, str(row.number))
    if isinstance(row, Agency):
        return Option(Kind.AGENCY, row.code, row.name, row.abbr)
    return Option(Kind.AREA, row.iso, row.name)


class FollowForm(forms.Form):
    """The address that wants news. `website` is a trap: people do not see it, and scripts fill it in."""

    email = forms.EmailField(
        label=_l("อีเมล"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={"class": "inp", "autocomplete": "email", "inputmode": "email"}
        ),
        error_messages={
            "required": _l("ระบุอีเมลที่จะรับข่าว"),
            "invalid": _l("อีเมลไม่ถูกต้อง ตรวจตัวสะกด ตัวอย่าง name@example.org"),
            "max_length": _l("อีเมลยาวเกิน 254 อักขระ ใช้ที่อยู่อื่น"),
        },
    )
    website = forms.CharField(
        label=_l("เว็บไซต์ (ปล่อยว่างไว้)"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_email(self) -> str:
        """In lower case: no provider tells addresses apart by that."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    @property
    def is_trapped(self) -> bool:
        return bool(self.data.get("website"))
