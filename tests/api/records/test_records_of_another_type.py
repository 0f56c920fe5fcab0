"""Records of a type with keyed rows, parties and private fields: what the machinery owes to any type."""

from tests.harness.support import Api, Template, check_problem, pledge_body


def test_what_breaks_a_rule_of_the_form_is_no_record(api: Api, template: Template) -> None:
    """The rules are the form's; a model that does not know them must not let through what no draft may be."""
    twice = [{"key": "1", "text": "Build"}, {"key": "1", "text": "Teach"}]
    body = pledge_body(actions=twice)
    body["content"]["references"] = [{"field": "plan.comment", "source": "a", "place": "1"}]
    answer = api.post("/pledges", template.secretariat, json=body)
    fields = {one["field"] for one in check_problem(answer, 422)["errors"]}
    assert fields == {"content.plan.actions[1].key", "content.references[0].field"}
