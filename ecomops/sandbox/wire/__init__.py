"""The providers' wire protocols: each package tells the world in one provider's words."""
