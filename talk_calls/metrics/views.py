"""The page for Prometheus, for nobody else."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from talk_calls.metrics import receivers
from talk_calls.metrics.access import may_read


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all metrics; with 404 where they are off, and 403 to whoever may not read them.

    ``METRICS_TOKEN`` and ``METRICS_NETWORKS`` say who may.
    """
    if not receivers.is_connected():
        raise Http404
    if not may_read(request):
        return HttpResponse("Not allowed.\n", status=403, content_type="text/plain")
    from talk_calls.metrics import exposition

    content, content_type = exposition.page(request.headers.get("Accept", ""))
    return HttpResponse(content, content_type=content_type)
