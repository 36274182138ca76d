"""What stands in paths: the converters of both URLconfs."""

from django.urls import register_converter

from forum_portal.row_ids import Number, RowId


class Code:
    """A code in a path, as it is written there."""

    regex: str

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str | int) -> str:
        return str(value)


class AgencyCode(Code):
    """An agency's code in a path; anything else is a 404."""

    regex = "[A-Z0-9_]{1,20}"


class RoundCode(Code):
    """A round's code in a path, "2567" or "2567-6"; the page says which ones there are."""

    regex = "[0-9]{1,40}(?:-[0-9])?"


class Ticket(Code):
    """A message's number in a path, `F-2569-0147`; anything else is a 404."""

    regex = "F-[0-9]{4}-[0-9]{4,9}"


class EditionCode(Code):
    """An edition's code in a path, "2568-1" or "2568-6-1"; the page says which ones there are."""

    regex = "[0-9]{1,40}(?:-[0-9])?-[0-9]{1,40}"


class ProvinceCode(Code):
    """A province's code in a path, "TH-40"; the page says where the provinces are listed."""

    regex = "[A-Za-z0-9-]{1,20}"


class ProjectKey:
    """A project code as it is compared, in a path; the page says where the codes are listed.

    A code may have a slash, and a path's part cannot: "/" is written "~1", and "~" is "~0" (RFC 6901).
    """

    regex = "[^/]{1,200}"

    def to_python(self, value: str) -> str:
        return value.replace("~1", "/").replace("~0", "~")

    def to_url(self, value: str) -> str:
        return value.replace("~", "~0").replace("/", "~1")


class FigureCode(Code):
    """A figure's code in a path, see `followup.figures`; the page says which ones there are."""

    regex = "[a-z_]{1,40}(?:-[A-Za-z0-9_.-]{1,40})?"


class Subject(Code):
    """What a picture is of, a forum's year or a full code, see `followup.pictures`."""

    regex = "[0-9]{4}(?:-[0-9.]{1,9})?"


register_converter(AgencyCode, "agency")
register_converter(ProvinceCode, "province")
register_converter(EditionCode, "edition")
register_converter(FigureCode, "figure")
register_converter(ProjectKey, "project")
register_converter(RoundCode, "round")
register_converter(Subject, "subject")
register_converter(Ticket, "ticket")
register_converter(RowId, "id")
register_converter(Number, "number")
