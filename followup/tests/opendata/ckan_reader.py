"""Reads a DCAT document as CKAN's harvester does, and prints the packages that it makes of it as JSON.

    python ckan_reader.py LANGUAGE < catalog.jsonld

The parsing is ckanext-dcat's own (`ckanext.dcat.processors.RDFParser`, with its default profile,
`euro_dcat_ap_3`): what the test runs is the code that a harvest runs. Its modules import parts of CKAN's
server (Flask, SQLAlchemy, Solr), which is not installed. Those imports get stand-ins here. Two of them
decide what a package looks like, and are CKAN's own files, read from its package: the register of
licences (ckan/model/license.py) and the formats (ckan/config/resource_formats.json). The rest are the
settings, which are CKAN's defaults but for the language, and names that parsing never calls.

It runs in a process of its own, so that no stand-in is left behind.
"""

import json
import sys
import types
import warnings
from importlib.metadata import distribution

CKAN = distribution("ckan")


def stand_in(name, **names):
    module = types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(names)
    sys.modules[name] = module
    if "." in name:
        parent, _dot, last = name.rpartition(".")
        setattr(sys.modules[parent], last, module)
    return module


def never(*args, **kwargs):
    raise NotImplementedError("parsing does not call this")


def no_action(name):
    raise KeyError(name)  # as CKAN does: no ckanext-scheming is installed


def as_bool(value):
    return value if isinstance(value, bool) else str(value).lower() in {"true", "yes", "on", "1"}


def formats():
    """As `ckan.lib.helpers.resource_formats` reads its file."""
    lines = json.loads(CKAN.locate_file("ckan/config/resource_formats.json").read_text("utf-8"))
    found = {}
    for short, long, media_type, *others in lines[1:]:
        line = [media_type, short, long]
        for item in [*line, *(others[0] if others else [])]:
            if item:
                found[item.lower()] = line
    return found


def install(language):
    config = {"ckan.locale_default": language, "ckan.site_url": "https://ckan.example"}

    def same(text):
        return text

    stand_in("ckan")
    stand_in("ckan.common", config=config, _=same, json=json)
    stand_in("ckan.exceptions", HelperError=type("HelperError", (Exception,), {}))
    stand_in("ckan.plugins", PluginImplementations=never)
    stand_in(
        "ckan.plugins.toolkit",
        config=config,
        _=same,
        asbool=as_bool,
        aslist=list,
        get_action=no_action,
        url_for=never,
        h=None,
        missing=object(),
        **{
            name: type(name, (Exception,), {})
            for name in ("ObjectNotFound", "StopOnError", "Invalid", "ValidationError")
        },
    )
    stand_in("ckan.plugins.interfaces", Interface=object)
    stand_in("ckan.lib")
    stand_in("ckan.lib.helpers", resource_formats=formats)
    stand_in("ckan.lib.munge", munge_tag=never)
    stand_in("ckan.model", Package=None, Resource=None)
    register = stand_in("ckan.model.license")
    path = CKAN.locate_file("ckan/model/license.py")
    exec(compile(path.read_text("utf-8"), str(path), "exec"), register.__dict__)  # noqa: S102
    stand_in("ckan.views")
    stand_in("ckan.views.home", index=never)
    stand_in("ckan.views.dataset", read=never)


def main():
    warnings.simplefilter("ignore")  # rdflib's, on names that ckanext-dcat still uses
    install(sys.argv[1])
    from ckanext.dcat.processors import RDFParser

    parser = RDFParser()
    parser.parse(sys.stdin.read(), _format="json-ld")
    json.dump(list(parser.datasets()), sys.stdout)


if __name__ == "__main__":
    main()
