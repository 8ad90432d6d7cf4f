"""PersonaClick, from its page "User Activity Tracking (REST API)" and additions of other pages."""
