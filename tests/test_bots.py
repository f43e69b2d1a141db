"""Programs are known by a list everybody can read, and nobody is taken for one because of a name."""

import pytest

from contributions.drafts import Someone
from contributions.imports.git import is_bot


@pytest.mark.parametrize(
    "who",
    [
        Someone("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        Someone("Renovate Bot", "bot@renovateapp.com"),
        Someone("github-actions[bot]", "github-actions[bot]@users.noreply.github.com"),
        Someone("GitHub Actions", "actions@github.com"),
        Someone("Claude Opus 4.5", "noreply@anthropic.com"),
        Someone("Copilot", "223556219+copilot@users.noreply.github.com"),
        Someone("GitHub Copilot", "copilot@github.com"),
        Someone("Cursor Agent", "cursoragent@cursor.com"),
        Someone("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com"),
        Someone("aider (gpt-4o)", "noreply@aider.chat"),
        Someone("project_7_bot", "project_7_bot_9f@noreply.gitlab.com"),
    ],
    ids=lambda who: who.name,
)
def test_programs_are_known_by_the_list(who: Someone) -> None:
    assert is_bot(who)


@pytest.mark.parametrize(
    "who",
    [
        Someone("Claude", "claude@village.example.org"),
        Someone("Claude Dubois", "81847+cdubois@users.noreply.github.com"),
        Someone("Devin", "devin@example.org"),
        Someone("Gemini Rossi", "gemini@example.org"),
        Someone("Cursor Baskan", "cursor@example.org"),
        Someone("Abbott", "abbot@example.org"),
        Someone("Ana", "12345+ana@users.noreply.github.com"),
        Someone("Ana (aider)", "ana@example.org"),
        Someone("", ""),
    ],
    ids=lambda who: who.name or "nobody",
)
def test_people_are_not_taken_for_programs(who: Someone) -> None:
    assert not is_bot(who)
