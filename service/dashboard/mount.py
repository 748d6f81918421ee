"""The dashboard becomes part of the service."""

from importlib.util import find_spec

from fastapi import FastAPI

from service.settings import Settings


def has_dashboard(settings: Settings) -> bool:
    """Return whether there is a dashboard: the extra is installed, and it is not off."""
    return settings.dashboard == "on" and find_spec("nicegui") is not None


def mount_dashboard(app: FastAPI) -> FastAPI:
    """Return the application with the pages under /app; NiceGUI has one for each process.

    Parameters
    ----------
    app : FastAPI
        Made by `create_app`.
    """
    from nicegui import core, ui  # only where the extra is installed

    from service.dashboard.agreement import add_agreement
    from service.dashboard.alignment import add_alignment
    from service.dashboard.door import PREFIX, Door
    from service.dashboard.funnel import add_funnel
    from service.dashboard.lead import add_lead
    from service.dashboard.model import add_model
    from service.dashboard.score import add_score
    from service.dashboard.sessions import Sessions, link_of
    from service.dashboard.today import add_today
    from service.dashboard.verdicts import Verdicts

    verdicts = Verdicts()
    add_today(verdicts)
    for add in (add_lead, add_funnel, add_alignment, add_agreement, add_model, add_score):
        add()
    core.app.on_shutdown(verdicts.say_all)
    ui.run_with(
        app,
        mount_path=PREFIX,
        title="Lead scoring",
        favicon="data:,",
        tailwind=False,
        show_welcome_message=False,
        binding_refresh_interval=None,
    )
    parts = app.state.parts
    link = link_of(parts.settings.login_link)
    sessions = Sessions(app.state.keyring, parts.store, parts.clock, link)
    core.app.add_middleware(Door, parts=parts, sessions=sessions)
    return app
