"""What an action refuses, shown in the form."""

from django import forms

from followup.actions import Refused
from followup.views.refusals import show_refusal


class NameForm(forms.Form):
    name = forms.CharField()


def test_each_sentence_stands_at_its_field_and_the_rest_at_the_form():
    form = NameForm({"name": "ก"})
    assert form.is_valid()
    show_refusal(form, Refused({"name": "ชื่อซ้ำ", "evidence": "แนบหลักฐาน", "": "รอบปิดแล้ว"}))
    assert form.errors == {"name": ["ชื่อซ้ำ"], "__all__": ["แนบหลักฐาน", "รอบปิดแล้ว"]}


def test_one_sentence_is_the_whole_forms():
    form = NameForm({"name": "ก"})
    show_refusal(form, Refused("รอบปิดแล้ว"))
    assert form.non_field_errors() == ["รอบปิดแล้ว"]
