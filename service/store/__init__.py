"""What the service keeps: leads, activities and every decision."""
