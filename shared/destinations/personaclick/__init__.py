"""PersonaClick: its page "User Activity Tracking (REST API)", and what other pages of it add."""
