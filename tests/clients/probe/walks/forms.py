"""The same requests in all the forms that clients from elsewhere send (clients 2)."""

from tests.clients.probe.steps import Step, Walk
from tests.clients.probe.walks.common import WRONG_TOKEN

_XML = {"Accept": "*/*"}
_SHORT = {"Accept": "json"}
_LOWER_CASE = {"ocs-apirequest": "true", "Accept": "application/json"}

_STEPS = (
    Step("GET", "cloud/capabilities", headers=_XML),
    Step("GET", "cloud/capabilities", headers=_SHORT),
    Step("GET", "cloud/capabilities", {"format": "json"}),
    Step("GET", "/ocs/v1.php/cloud/capabilities", {"format": "json"}),
    Step("GET", "/ocs/v1.php/cloud/capabilities", headers=_XML),
    Step("GET", "v4/room", headers=_XML),
    Step("GET", "v4/room", headers=_LOWER_CASE),
    Step("GET", "v1/room", {"format": "json"}),
    Step("GET", "v2/room", {"format": "json"}),
    Step("GET", "/ocs/v1.php/apps/spreed/api/v3/room/nosuchroom", refused=WRONG_TOKEN),
    Step("POST", "v4/room", form={"roomType": 2, "roomName": "Probe"}, keep={"token": "token"}),
    Step("POST", "v4/room/{token}/participants/active", form={"format": "json"}),
    Step("POST", "v4/call/{token}", form={"flags": 7, "format": "json"}),
    Step("POST", "v4/call/{token}", {"flags": 3}),
    Step("PUT", "v4/call/{token}", {"flags": 1}),
    Step("PUT", "v4/call/{token}", form={"flags": 3, "format": "json"}),
    Step("GET", "v4/call/{token}", headers=_XML),
    Step("DELETE", "v4/call/{token}", form={"all": "false", "format": "json"}),
    Step("DELETE", "v4/room/{token}/participants/active", form={"format": "json"}),
    Step("DELETE", "v4/room/{token}", headers=_SHORT),
)
_HEADERS = {"Accept": "application/json", "OCS-APIRequest": "true", "User-Agent": "client probe"}

FORMS = Walk("other forms", "flow", _HEADERS, (), _STEPS)
