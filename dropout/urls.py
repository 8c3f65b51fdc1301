"""Every route of the product. A new one needs a row in the access table (dropout/tests/access_table.py)."""

from django.urls import path

urlpatterns: list[path] = []
