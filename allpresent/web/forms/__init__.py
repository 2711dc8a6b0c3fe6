"""What people type, checked before any room below sees it."""
