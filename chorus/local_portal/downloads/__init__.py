"""Files that the local Chorus Pro gives: invoices as PDF or as the State's pivot XML, and the directory."""
