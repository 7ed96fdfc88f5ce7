"""Why somebody can or cannot join: what the API decides, step by step.

``evaluation`` asks the rules of ``policies`` in the order of the API, ``explanations`` has the
sentences for what they answer, and ``results`` what comes back.
"""

from talk_calls.reports.decisions.evaluation import decide
from talk_calls.reports.decisions.results import Action, Decision, Outcome, Report, Step, Verdict

__all__ = ["Action", "Decision", "Outcome", "Report", "Step", "Verdict", "decide"]
