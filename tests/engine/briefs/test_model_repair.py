"""What a model answers is repaired before it is refused: the second question, and the one whether it follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregator.model.brief import Refused
from tests.helpers.fake_model import FakeModel, Said, WordCheck, brief, refusing
from tests.helpers.writer_room import BAD, BY_A_MODEL, EXTRACTED, GOOD, WORSE, WriterRoom


async def test_what_fails_is_asked_for_once_more_with_the_reason(room: WriterRoom) -> None:
    with FakeModel(BAD, GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
        assert '"An INVENTED one.", "wrong": "a bad word"' in fake.asked[1].user
        assert fake.asked[1].messages[2]["role"] == "assistant"
    found = room.brief()
    assert found
    assert [each.text for each in found.part("happened")] == ["Two lines stay in port until Monday."]
    assert found.refused == (Refused("happened", "An INVENTED one.", "a bad word"),)
    assert found.tokens_in == 2_000
    assert room.outcomes() == [("draft", "ok"), ("repair", "ok")]


async def test_what_fails_again_is_dropped_and_the_rest_stays(room: WriterRoom) -> None:
    with FakeModel(BAD) as fake:
        room.use(fake.url)
        await room.due()
        assert len(fake.asked) == 2
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]
    assert found.refused == (Refused("happened", "An INVENTED one.", "a bad word"),)  # once, though told twice


async def test_what_the_second_answer_tells_rightly_was_not_left_out(room: WriterRoom) -> None:
    again = brief(happened=[("Two lines stay in port.", [1]), ("an INVENTED one.", [2])])
    with FakeModel(BAD, again) as fake:
        room.use(fake.url)
        room.check = WordCheck("An INVENTED")  # in the second answer it passes
        await room.due()
    found = room.brief()
    assert found
    assert len(found.part("happened")) == 2
    assert found.refused == ()


@pytest.mark.parametrize("answer", [WORSE, "I'd rather not.", brief(context=[("So it goes.", [1])])])
async def test_where_nothing_survives_the_brief_without_a_model_stands(room: WriterRoom, answer: Said) -> None:
    with FakeModel(answer) as fake:
        room.use(fake.url)
        room.save(EXTRACTED)
        await room.due()
        await room.due()
        assert len(fake.asked) == 2  # not again for the same
    found = room.brief()
    assert found
    assert (found.method, found.sentences) == ("extracted", EXTRACTED.sentences)
    assert found.trouble
    assert "brief" in found.trouble or "happened" in found.trouble
    assert room.outcomes()[0][1] in ("refused", "unusable")


@pytest.mark.parametrize("answer", [WORSE, "I'd rather not.", refusing(500), refusing(413)])
async def test_a_models_brief_from_before_stays_and_says_what_became_of_the_last_attempt(
    room: WriterRoom, answer: Said
) -> None:
    with FakeModel(answer) as fake:
        room.use(fake.url)
        room.save(BY_A_MODEL)
        await room.due()
        assert fake.asked
    found = room.brief()
    assert found
    assert found.trouble
    assert found == replace(BY_A_MODEL, trouble=found.trouble)


async def test_bad_json_is_asked_for_once_more(room: WriterRoom) -> None:
    with FakeModel('{"headline": "Cut', GOOD) as fake:
        room.use(fake.url)
        await room.due()
        assert '"wrong": "it is not JSON' not in fake.asked[0].user
        assert "it is not JSON" in fake.asked[1].user
    found = room.brief()
    assert found
    assert found.method == "model"
    assert room.outcomes() == [("draft", "unusable"), ("repair", "ok")]


async def test_trouble_with_the_second_question_costs_nothing_of_the_first(room: WriterRoom) -> None:
    with FakeModel(BAD, refusing(500)) as fake:
        room.use(fake.url)
        await room.due()
    found = room.brief()
    assert found
    assert (found.method, len(found.sentences)) == ("model", 1)
    assert room.outcomes() == [("draft", "ok"), ("repair", "failed")]


async def test_sources_are_numbers_that_were_shown(room: WriterRoom) -> None:
    invented = brief(happened=[("Two lines stay in port.", [1]), ("A strange one.", [77])])
    with FakeModel(invented) as fake:
        room.use(fake.url)
        await room.due()
        assert "there is no source 77" in fake.asked[1].user
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


TWO = brief(happened=[("Two lines stay in port.", [1]), ("The storm is blue.", [2])])


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ('{"follows": [true, true]}', 2),
        ('{"follows": [true, false]}', 1),
        ('{"follows": [true]}', 2),  # of no use
        ("no idea", 2),
        (refusing(500), 2),
    ],
)
async def test_the_optional_question_drops_what_is_doubted(room: WriterRoom, answer: Said, kept: int) -> None:
    with FakeModel(TWO, answer) as fake:
        room.use(fake.url, question=True)
        await room.due()
        assert len(fake.asked) == 2
        assert '{"statement": "The storm is blue.", "rests_on": ["The storm has damaged' in fake.asked[1].user
    found = room.brief()
    assert found
    assert len(found.sentences) == kept
    assert len(found.refused) == 2 - kept


async def test_it_keeps_nothing_that_a_check_has_refused(room: WriterRoom) -> None:
    with FakeModel(BAD, BAD, '{"follows": [true, true]}', '{"follows": [true]}') as fake:
        room.use(fake.url, question=True)
        await room.due()
        assert "INVENTED" not in fake.asked[2].user
    found = room.brief()
    assert found
    assert [each.text for each in found.sentences] == ["Two lines stay in port."]


async def test_what_is_doubted_as_a_whole_is_no_brief(room: WriterRoom) -> None:
    with FakeModel(TWO, '{"follows": [false, false]}') as fake:
        room.use(fake.url, question=True)
        await room.due()
    assert room.brief() is None
    assert room.tasks() == []
