"""Every route of the product. A new one needs a row in the access table (dropout/tests/access_table.py)."""

from django.urls import path

from dropout.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),  # no slash at its end: the address every load balancer is told
]
