"""What crosses or protects a party's border: features, learners, sealed rounds. Light to import; use the modules."""
