"""What reaches below the ORM: which database the app uses, and its transactions there."""
